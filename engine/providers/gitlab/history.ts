import { ProblemError } from '../../problems.ts';
import { checked, checkedBytes } from '../git/git-problem.ts';
import type { Git } from '../git/git.ts';
import { commitId, fields } from '../git/read-tree.ts';

/** A commit as the mirror has it, with what our trailers say. */
export interface PastCommit {
  readonly id: string;
  readonly parents: readonly string[];
  /** Of `Sentinel-Request`. */
  readonly request: string;
  /** Of `Sentinel-Takes-Back`. */
  readonly takesBack: string;
}

const perCommit = 4;
const format = [
  '%H',
  '%P',
  '%(trailers:key=Sentinel-Request,valueonly,separator=%x2C)',
  '%(trailers:key=Sentinel-Takes-Back,valueonly,separator=%x2C)',
].join('%x00');

/** What `head` has and `base` has not, newest first. */
export async function commitsSince(
  git: Git,
  { base, head }: { readonly base: string; readonly head: string },
  signal: AbortSignal,
): Promise<readonly PastCommit[]> {
  return list(git, [`${commitId(base)}..${commitId(head)}`], signal);
}

export async function readCommit(git: Git, commit: string, signal: AbortSignal): Promise<PastCommit> {
  const [found] = await list(git, ['--max-count=1', commitId(commit)], signal);
  if (found !== undefined) return found;
  throw new ProblemError({
    code: 'revision-unknown',
    message: `The commit ${commit.slice(0, 12)} is not here.`,
  });
}

async function list(git: Git, which: readonly string[], signal: AbortSignal): Promise<readonly PastCommit[]> {
  const args = ['log', '-z', '--no-show-signature', `--format=${format}`, ...which, '--'];
  const tokens = fields(checkedBytes(await git.run(args, { signal }), 'log'));
  const commits: PastCommit[] = [];
  for (let at = 0; at + perCommit <= tokens.length; at += perCommit) {
    const [id = '', parents = '', request = '', takesBack = ''] = tokens.slice(at, at + perCommit);
    commits.push({
      id,
      parents: parents.split(' ').filter(Boolean),
      request: request.trim(),
      takesBack: takesBack.trim(),
    });
  }
  return commits;
}

/** Where a branch was at the last fetch. */
export async function branchHead(git: Git, branch: string, signal: AbortSignal): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`];
  const { exitCode, stdout } = await git.run(args, { signal });
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

/** The last commit that touched a file: what GitLab compares `last_commit_id` with. */
export async function lastCommitOf(
  git: Git,
  { path, at }: { readonly path: string; readonly at: string },
  signal: AbortSignal,
): Promise<string> {
  const args = ['log', '--max-count=1', '--no-show-signature', '--format=%H', commitId(at), '--', path];
  return checked(await git.run(args, { signal }), 'log').trim();
}

export async function messageOf(git: Git, commit: string, signal: AbortSignal): Promise<string> {
  const args = ['log', '--max-count=1', '--no-show-signature', '--format=%B', commitId(commit)];
  return checked(await git.run(args, { signal }), 'log').trim();
}

export async function sameFiles(
  git: Git,
  [one, other]: readonly [string, string],
  signal: AbortSignal,
): Promise<boolean> {
  const args = ['rev-parse', `${commitId(one)}^{tree}`, `${commitId(other)}^{tree}`];
  const trees = checked(await git.run(args, { signal }), 'rev-parse')
    .trim()
    .split('\n');
  return trees[0] === trees[1];
}
