import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** A bare repository, worked on with git's plumbing. */
export interface Repository {
  readonly directory: string;
  /** Standard output without the last newline; throws when git refuses. */
  readonly git: (args: readonly string[], options?: GitOptions) => Promise<string>;
  /** As `git`, with null in place of a refusal. */
  readonly ask: (args: readonly string[], options?: GitOptions) => Promise<string | null>;
  readonly bytes: (args: readonly string[]) => Promise<Buffer>;
}
export interface GitOptions {
  readonly input?: Buffer | string;
  readonly env?: Readonly<Record<string, string>>;
}
/** Nothing of the machine's own git settings may leak into the lab. */
export const quietGit = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_LITERAL_PATHSPECS: '1',
};

export async function createRepository(directory: string, branch: string): Promise<Repository> {
  await mkdir(directory, { recursive: true });
  await execa('git', ['init', '--quiet', '--bare', '--template=', `--initial-branch=${branch}`], {
    cwd: directory,
    env: quietGit,
  });
  await appendFile(join(directory, 'config'), configuration);
  await mkdir(join(directory, 'hooks'));
  await writeFile(join(directory, 'hooks', 'update'), updateHook, { mode: 0o755 });
  return openRepository(directory);
}

/** Pushed to over HTTP, and any commit may be fetched by its id. */
const configuration = `[http]
\treceivepack = true
[uploadpack]
\tallowAnySHA1InWant = true
`;

function openRepository(directory: string): Repository {
  const run = (args: readonly string[], { input, env }: GitOptions = {}) =>
    execa('git', args, {
      cwd: directory,
      env: { ...quietGit, ...env },
      ...(input === undefined ? {} : { input }),
    });
  const git: Repository['git'] = async (args, options) => (await run(args, options)).stdout;
  return {
    directory,
    git,
    ask: (args, options) => git(args, options).catch(() => null),
    async bytes(args) {
      const { stdout } = await execa('git', args, {
        cwd: directory,
        env: quietGit,
        encoding: 'buffer',
        stripFinalNewline: false,
      });
      return Buffer.from(stdout);
    },
  };
}

/** What the server lets nobody do over git is in LAB_PROTECTED, one branch a line; pushes past the server may do everything. */
const updateHook = `#!/bin/sh
printf '%s\\n' "$LAB_PROTECTED" | grep -qxF "$1" || exit 0
echo "GitLab: You are not allowed to push code to protected branches on this project." >&2
exit 1
`;

/** The commit a branch, tag or id stands for. */
export async function resolve({ ask }: Repository, ref: string): Promise<string | null> {
  if (ref === '' || ref.startsWith('-')) return null;
  return ask(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]);
}

/** Branch → commit. */
export async function branchesOf({ git }: Repository): Promise<ReadonlyMap<string, string>> {
  const text = await git(['for-each-ref', '--format=%(objectname) %(refname:strip=2)', 'refs/heads']);
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** False when the branch moved in the meantime. */
export async function moveBranch(
  { ask }: Repository,
  branch: string,
  { to, from }: { readonly to: string; readonly from: string | null },
): Promise<boolean> {
  return (await ask(['update-ref', `refs/heads/${branch}`, to, from ?? zeros])) !== null;
}

export const zeros = '0'.repeat(40);
export const isAncestor = async ({ ask }: Repository, older: string, newer: string): Promise<boolean> =>
  (await ask(['merge-base', '--is-ancestor', older, newer])) !== null;
