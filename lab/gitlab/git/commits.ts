import type { Repository } from './repository.ts';

export interface Person {
  readonly name: string;
  readonly email: string;
}
export interface Commit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly author: Person & { readonly at: string };
  readonly committer: Person & { readonly at: string };
  readonly message: string;
  readonly trailers: Readonly<Record<string, string>>;
}

const fields = ['%H', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B', '%(trailers:only,unfold)'];
const format = `--format=${fields.join('%x1f')}`;

/** What `git log` finds, newest first. */
export async function commitsOf({ ask }: Repository, args: readonly string[]): Promise<readonly Commit[]> {
  const text = await ask(['log', '-z', format, ...args]);
  return (text ?? '').split('\0').flatMap((record) => (record === '' ? [] : [commitOf(record)]));
}
export async function commitAt(repository: Repository, id: string): Promise<Commit> {
  const [commit] = await commitsOf(repository, ['-1', id]);
  if (commit === undefined) throw new Error(`there is no commit ${id}`);
  return commit;
}

function commitOf(record: string): Commit {
  const [
    id = '',
    parents = '',
    an = '',
    ae = '',
    ai = '',
    cn = '',
    ce = '',
    ci = '',
    message = '',
    ends = '',
  ] = record.split('\x1f');
  return {
    id,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author: { name: an, email: ae, at: ai },
    committer: { name: cn, email: ce, at: ci },
    message,
    trailers: Object.fromEntries(
      ends.split('\n').flatMap((line) => {
        const colon = line.indexOf(': ');
        return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2)]];
      }),
    ),
  };
}

export const titleOf = ({ message }: Pick<Commit, 'message'>): string => message.split('\n')[0] ?? '';

/** The last commit that touched a file, or null. */
export async function lastCommitOf({ ask }: Repository, ref: string, path: string): Promise<string | null> {
  const found = await ask(['log', '-1', '--format=%H', ref, '--', path]);
  return found === null || found === '' ? null : found;
}

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Person;
  readonly committer: Person;
}
export function writeCommit({ git }: Repository, commit: NewCommit): Promise<string> {
  const parents = commit.parents.flatMap((parent) => ['-p', parent]);
  return git(['commit-tree', commit.tree, ...parents], {
    input: commit.message,
    env: {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      GIT_COMMITTER_NAME: commit.committer.name,
      GIT_COMMITTER_EMAIL: commit.committer.email,
    },
  });
}

/** The tree of two commits merged, or null when they conflict. */
export async function mergedTree({ ask }: Repository, ours: string, theirs: string): Promise<string | null> {
  const tree = await ask(['merge-tree', '--write-tree', ours, theirs]);
  return tree?.split('\n')[0] ?? null;
}

/** Lines added and deleted by a commit. */
export async function statsOf(
  { git }: Repository,
  id: string,
): Promise<{ additions: number; deletions: number }> {
  const text = await git(['show', '--numstat', '--format=', '--first-parent', id]);
  const rows = text.split('\n').map((line) => line.split('\t').map(Number));
  const sum = (column: number): number => rows.reduce((all, row) => all + (row[column] || 0), 0);
  return { additions: sum(0), deletions: sum(1) };
}
