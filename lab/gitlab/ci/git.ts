import { join } from 'node:path';
import { execa } from 'execa';

/** Git for the lab's server and its runner: nothing of the machine's own settings. */
export function createGit(options: { readonly repository: string; readonly home: string }): Git {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: options.home,
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
  const run = async (cwd: string, args: readonly string[]): Promise<string> =>
    (await execa('git', args, { cwd, env, extendEnv: false, stripFinalNewline: false })).stdout;
  return {
    has: async (object) =>
      run(options.repository, ['cat-file', '-e', object]).then(
        () => true,
        () => false,
      ),
    files: async (commit) =>
      lines(await run(options.repository, ['ls-tree', '-r', '-z', '--name-only', commit])),
    changed: async (from, to) =>
      lines(await run(options.repository, ['diff', '--name-only', '--no-renames', '-z', from, to])),
    mergeBase: async (one, other) => (await run(options.repository, ['merge-base', one, other])).trim(),
    committedAt: async (commit) =>
      (await run(options.repository, ['show', '-s', '--format=%cI', commit])).trim(),
    checkout: (wanted) => checkout(options.repository, run, wanted),
    deepen: async ({ folder, commit, depth }) => {
      await run(folder, fetchArguments(commit, depth));
    },
  };
}

export interface Git {
  has(object: string): Promise<boolean>;
  files(commit: string): Promise<readonly string[]>;
  changed(from: string, to: string): Promise<readonly string[]>;
  mergeBase(one: string, other: string): Promise<string>;
  committedAt(commit: string): Promise<string>;
  checkout(wanted: Checkout): Promise<void>;
  /** Gives a checkout the history its file asks for. */
  deepen(wanted: Omit<Checkout, 'branch'>): Promise<void>;
}
interface Checkout {
  readonly folder: string;
  readonly commit: string;
  readonly branch: string;
  /** 0 for everything. */
  readonly depth: number;
}

/** As a runner does it: only this commit and its branch, that deep, and no branch of its own. */
async function checkout(
  repository: string,
  run: (cwd: string, args: readonly string[]) => Promise<string>,
  { folder, commit, branch, depth }: Checkout,
): Promise<void> {
  const git = (...args: readonly string[]) => run(folder, args);
  await git('init', '-q', '--template=', '-b', 'runner');
  await git('remote', 'add', 'origin', `file://${repository}`);
  await git(...fetchArguments(commit, depth));
  await git('update-ref', `refs/remotes/origin/${branch}`, commit);
  await git('-c', 'advice.detachedHead=false', 'checkout', '-q', '--detach', commit);
}

function fetchArguments(commit: string, depth: number): readonly string[] {
  // The deepest there is: `--unshallow` fails where nothing is left out.
  const commits = depth === 0 ? 2_147_483_647 : depth;
  return ['fetch', '-q', '--no-tags', `--depth=${commits}`, 'origin', `+${commit}:refs/pipelines/${commit}`];
}

const lines = (output: string): readonly string[] => output.split('\0').filter((line) => line !== '');

/** Where the file of a pipeline is. */
export const ciFileName = '.gitlab-ci.yml';
export const ciFileIn = (folder: string): string => join(folder, ciFileName);
