import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** The owner's repository: a bare one everybody pushes to, and the checkout the owner works in. */
export interface ServicesRepository {
  /** What the bot clones. */
  readonly url: string;
  /** Writes files (null deletes), commits and pushes them as the owner; returns the commit. */
  commit(files: Readonly<Record<string, string | null>>, message: string): Promise<string>;
  /** Pushes a commit on top of main to another branch; main stays. */
  branch(name: string, files: Readonly<Record<string, string | null>>): Promise<string>;
  /** A file as the shared repository has it now, or undefined. */
  read(path: string, branch?: string): Promise<string | undefined>;
  head(branch?: string): Promise<string>;
  /** `subject — author` of the branch, newest first. */
  log(branch?: string): Promise<readonly string[]>;
}

export async function createServicesRepository(directory: string): Promise<ServicesRepository> {
  const bare = join(directory, 'homelab.git');
  const checkout = join(directory, 'checkout');
  const git = async (cwd: string, ...args: string[]): Promise<string> =>
    (await execa('git', args, { cwd, env: quiet })).stdout;
  await mkdir(directory, { recursive: true });
  await git(directory, 'init', '--quiet', '--bare', '--initial-branch=main', bare);
  await git(directory, 'clone', '--quiet', bare, checkout);
  await git(checkout, 'config', 'user.name', 'Olivia Owner');
  await git(checkout, 'config', 'user.email', 'olivia@home.example');
  await git(checkout, 'checkout', '--quiet', '-B', 'main');

  return {
    url: bare,
    async commit(files, message) {
      if (await exists(git(bare, 'rev-parse', '--verify', '--quiet', 'main')))
        await git(checkout, 'pull', '--quiet', '--rebase', 'origin', 'main');
      for (const [path, text] of Object.entries(files)) await place(join(checkout, path), text);
      await git(checkout, 'add', '--all');
      await git(checkout, 'commit', '--quiet', '--allow-empty', '-m', message);
      await git(checkout, 'push', '--quiet', 'origin', 'main');
      return git(checkout, 'rev-parse', 'HEAD');
    },
    async branch(name, files) {
      await git(checkout, 'checkout', '--quiet', '-B', name);
      for (const [path, text] of Object.entries(files)) await place(join(checkout, path), text);
      await git(checkout, 'add', '--all');
      await git(checkout, 'commit', '--quiet', '-m', `feat: ${name}`);
      await git(checkout, 'push', '--quiet', '--force', 'origin', name);
      const commit = await git(checkout, 'rev-parse', 'HEAD');
      await git(checkout, 'checkout', '--quiet', 'main');
      return commit;
    },
    read: (path, branch = 'main') =>
      execa('git', ['show', `${branch}:${path}`], { cwd: bare, env: quiet, stripFinalNewline: false }).then(
        ({ stdout }) => stdout,
        () => undefined,
      ),
    head: (branch = 'main') => git(bare, 'rev-parse', branch),
    log: async (branch = 'main') => (await git(bare, 'log', '--format=%s — %an', branch)).split('\n'),
  };
}

/** Nothing of the machine's own git settings may leak into the lab. */
const quiet = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };

function exists(command: Promise<unknown>): Promise<boolean> {
  return command.then(
    () => true,
    () => false,
  );
}

async function place(file: string, text: string | null): Promise<void> {
  if (text === null) return rm(file, { force: true });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** A directory of files on this machine as commit content, with their relative paths below `to`. */
export async function filesFrom(
  directory: string,
  paths: readonly string[],
): Promise<Record<string, string>> {
  const entries = await Promise.all(
    paths.map(async (path) => [path, await readFile(join(directory, path), 'utf8')] as const),
  );
  return Object.fromEntries(entries);
}
