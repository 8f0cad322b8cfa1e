import type { History } from '../../stages/detect.ts';
import type { FileChange, Tree } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { Result } from '../../types.ts';
import { checked, gitProblem } from './git-problem.ts';
import { createGit, type Environment, type Git } from './git.ts';
import { commitId, hasCommit, listPaths, readDiff, readObjects, readTree } from './read-tree.ts';
import { lookUp } from './revision.ts';

/** A clone somebody works in, or a CI job's; read only, but for history that is fetched when it is asked for. Paths are relative to `directory`, which may lie deeper in it. */
export interface Checkout extends History {
  /** A branch, tag or commit as it is in this clone; nothing means HEAD. */
  resolve(revision: string | undefined, signal: AbortSignal): Promise<Result<string>>;
  tree(commit: string, signal: AbortSignal): Promise<Tree>;
  /** The commits right before those that added or removed this word, newest first: where it may still be found. */
  before(
    removal: { readonly of: string; readonly head: string },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /** Fetches a commit this clone was made without, from `origin`; false when it could not be had. */
  fetchCommit(commit: string, signal: AbortSignal): Promise<boolean>;
}

/** More than a name is ever added and removed again; each costs one look at a tree. */
const mostLooked = 20;

/** How long the remote may take for history a job was cloned without. */
const fetchTimeoutMs = 120_000;

/** Throws ProblemError when the directory is not in a Git repository. */
export async function openCheckout(
  directory: string,
  { signal, env }: { readonly signal: AbortSignal; readonly env: Environment },
): Promise<Checkout> {
  const git = createGit({ place: ['-C', directory], env });
  const opened = await git.run(['rev-parse', '--show-prefix'], { signal });
  if (/not a git repository/i.test(opened.stderr))
    throw new ProblemError({
      code: 'repository-unreachable',
      message: `${directory} is not a Git repository.`,
      hint: '`sentinel validate` works without one.',
    });
  if (opened.exitCode !== 0) throw new ProblemError(gitProblem(opened, directory));
  return createCheckout(git, opened.stdout.toString('utf8').replace(/\n$/, ''));
}

function createCheckout(git: Git, prefix: string): Checkout {
  return {
    async resolve(revision, current) {
      const name = revision ?? 'HEAD';
      // In somebody's own clone, whatever git understands as one commit is understood: HEAD~1, main@{yesterday}.
      const found = await git.run(
        ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
        { signal: current },
      );
      if (found.exitCode === 0) return { ok: true, value: found.stdout.toString('utf8').trim() };
      if (name !== 'HEAD') return lookUp(git, name, current);
      return {
        ok: false,
        problems: [{ code: 'revision-unknown', message: 'The repository has no commit yet.' }],
      };
    },
    has: (commit, current) => hasCommit(git, commit, current),
    fetchCommit: (commit, current) => fetchCommit(git, commit, current),
    isShallow: (current) => isShallow(git, current),
    async isRoot(commit, current) {
      const output = await git.run(['rev-list', '--parents', '--max-count=1', commit], { signal: current });
      return !checked(output, 'rev-list').trim().includes(' ');
    },
    async diff(base, head, current) {
      return (await readDiff(git, { base, head }, current)).flatMap((change) => below(prefix, change));
    },
    async paths(commit, current) {
      return (await listPaths(git, commit, current)).flatMap((path) => strip(prefix, path));
    },
    async read(commit, paths, current) {
      const texts = await readObjects(
        git,
        paths.map((path) => `${commit}:${prefix}${path}`),
        current,
      );
      return new Map([...texts].map(([name, text]) => [name.slice(`${commit}:${prefix}`.length), text]));
    },
    async before({ of, head }, current) {
      const limit = `--max-count=${mostLooked}`;
      const output = await git.run(['log', limit, '--format=%P', `-S${of}`, head, '--', '.'], {
        signal: current,
      });
      return checked(output, 'log')
        .split('\n')
        .flatMap((parents) => parents.split(' ')[0] || []);
    },
    async tree(commit, current) {
      const whole = await readTree(git, commit, current);
      return {
        revision: commit,
        paths: whole.paths.flatMap((path) => strip(prefix, path)),
        blob: (path) => whole.blob(prefix + path),
        executable: (path) => whole.executable(prefix + path),
        read: (path) => whole.read(prefix + path),
      };
    },
  };
}

async function isShallow(git: Git, signal: AbortSignal): Promise<boolean> {
  const output = await git.run(['rev-parse', '--is-shallow-repository'], { signal });
  return checked(output, 'rev-parse').trim() === 'true';
}

/** The commit alone is enough to compare with; servers that give no commit by its id may still give the whole history. */
async function fetchCommit(git: Git, commit: string, signal: AbortSignal): Promise<boolean> {
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
  const tries = (await isShallow(git, signal))
    ? [
        [...fetch, '--depth=1', 'origin', commitId(commit)],
        [...fetch, '--unshallow', 'origin'],
      ]
    : [[...fetch, 'origin', commitId(commit)]]; // a depth would make a whole clone a shallow one
  for (const args of tries) {
    try {
      await git.run(args, { signal, timeoutMs: fetchTimeoutMs });
    } catch (error) {
      if (signal.aborted) throw error;
    }
    if (await hasCommit(git, commit, signal)) return true;
  }
  return false;
}

function strip(prefix: string, path: string): readonly string[] {
  return path.startsWith(prefix) ? [path.slice(prefix.length)] : [];
}

/** A file that moved into the folder was added to it, one that moved out was deleted from it. */
function below(prefix: string, { status, path, from }: FileChange): readonly FileChange[] {
  const [here] = strip(prefix, path);
  const [old] = from === undefined ? [] : strip(prefix, from);
  if (from === undefined) return here === undefined ? [] : [{ status, path: here }];
  if (here === undefined) return old === undefined ? [] : [{ status: 'deleted', path: old }];
  return [old === undefined ? { status: 'added', path: here } : { status, path: here, from: old }];
}
