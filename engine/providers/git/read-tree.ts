import type { FileChange, Tree } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import { checked, checkedBytes } from './git-problem.ts';
import type { Git } from './git.ts';
import { isFullId } from './revision.ts';

export interface TreeEntry {
  readonly path: string;
  /** `100644`, `100755`; symbolic links and submodules have others. */
  readonly mode: string;
  readonly blob: string;
  readonly size: number;
}

/** Files of this size or more are not read. */
export const largestText = 1024 * 1024;
const submodule = '160000';
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Guards every call that puts a commit on a command line. */
export function commitId(commit: string): string {
  if (isFullId(commit)) return commit;
  throw new ProblemError({ code: 'revision-unknown', message: `“${commit}” is not a full commit id.` });
}

export async function listTree(git: Git, commit: string, signal: AbortSignal): Promise<readonly TreeEntry[]> {
  const listing = await git.run(['ls-tree', '-r', '-z', '-l', '--full-tree', commitId(commit)], { signal });
  if (listing.exitCode !== 0) throw commitMissing(commit);
  return fields(listing.stdout).flatMap((line) => {
    const match = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line);
    if (match === null) return [];
    const [, mode = '', , blob = '', size = '', path = ''] = match;
    return [{ mode, blob, path, size: size === '-' ? 0 : Number(size) }];
  });
}

/** The paths alone: far quicker in a large repository, because no object has to be looked at. */
export async function listPaths(git: Git, commit: string, signal: AbortSignal): Promise<readonly string[]> {
  const listing = await git.run(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commitId(commit)], {
    signal,
  });
  if (listing.exitCode !== 0) throw commitMissing(commit);
  return fields(listing.stdout);
}

/** Every file, and the text of those that are text below 1 MB, with one `ls-tree` and one `cat-file --batch`. */
export async function readTree(git: Git, commit: string, signal: AbortSignal): Promise<Tree> {
  const entries = (await listTree(git, commit, signal)).filter(({ mode }) => mode !== submodule);
  const readable = entries.filter(({ mode, size }) => mode.startsWith('100') && size < largestText);
  const blobs = new Map(entries.map(({ path, blob }) => [path, blob]));
  const programs = new Set(entries.flatMap(({ path, mode }) => (mode === '100755' ? [path] : [])));
  const inTree = new Map(readable.map(({ path, blob }) => [path, blob]));
  const texts = await readObjects(git, [...new Set(inTree.values())], signal);
  return {
    revision: commit,
    paths: [...blobs.keys()],
    blob: (path) => blobs.get(path),
    executable: (path) => programs.has(path),
    read: (path) => texts.get(inTree.get(path) ?? ''),
  };
}

/** Objects by any name git knows (`<blob>`, `<commit>:<path>`) → text. What is missing, binary or too large is left out. */
export async function readObjects(
  git: Git,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const asked = names.filter((name) => !name.includes('\n'));
  if (asked.length === 0) return new Map();
  const output = await git.run(['cat-file', '--batch', '--buffer'], {
    signal,
    input: `${asked.join('\n')}\n`,
  });
  return parseBatch(checkedBytes(output, 'cat-file'), asked);
}

function parseBatch(bytes: Buffer, asked: readonly string[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let at = 0;
  for (const name of asked) {
    const end = bytes.indexOf(0x0a, at);
    const header = bytes.toString('utf8', at, end);
    at = end + 1;
    const match = /^[0-9a-f]+ (\w+) (\d+)$/.exec(header);
    if (match === null) continue; // "… missing"
    const size = Number(match[2]);
    const text =
      match[1] === 'blob' && size < largestText ? decodeText(bytes.subarray(at, at + size)) : undefined;
    if (text !== undefined) texts.set(name, text);
    at += size + 1;
  }
  return texts;
}

/** Undefined for anything that would not come back byte for byte as UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What differs between two commits; `base` null means everything was added. */
export async function readDiff(
  git: Git,
  { base, head }: { readonly base: string | null; readonly head: string },
  signal: AbortSignal,
): Promise<readonly FileChange[]> {
  const from = base === null ? emptyTree : commitId(base);
  const args = ['diff-tree', '-r', '-z', '-M', '--name-status', '--no-commit-id', from, commitId(head)];
  const output = await git.run(args, { signal });
  if (output.exitCode !== 0) {
    await requireCommits(git, base === null ? [head] : [base, head], signal);
    checked(output, 'diff-tree');
  }
  return parseNameStatus(fields(output.stdout));
}

function parseNameStatus(tokens: readonly string[]): readonly FileChange[] {
  const changes: FileChange[] = [];
  const queue = tokens.values();
  for (const status of queue) {
    const first = queue.next().value ?? '';
    if (status.startsWith('R'))
      changes.push({ status: 'renamed', path: queue.next().value ?? '', from: first });
    else if (status.startsWith('A')) changes.push({ status: 'added', path: first });
    else if (status.startsWith('D')) changes.push({ status: 'deleted', path: first });
    else changes.push({ status: 'modified', path: first }); // M, and T where a file became a link
  }
  return changes;
}

async function requireCommits(git: Git, commits: readonly string[], signal: AbortSignal): Promise<void> {
  for (const commit of commits) if (!(await hasCommit(git, commit, signal))) throw commitMissing(commit);
}

export async function hasCommit(git: Git, commit: string, signal: AbortSignal): Promise<boolean> {
  const { exitCode } = await git.run(['cat-file', '-e', `${commitId(commit)}^{commit}`], { signal });
  return exitCode === 0;
}

export function commitMissing(commit: string): ProblemError {
  return new ProblemError({
    code: 'revision-unknown',
    message: `The commit ${commit.slice(0, 12)} is not here.`,
  });
}

/** NUL-terminated output as strings. */
export function fields(bytes: Buffer): readonly string[] {
  return bytes.toString('utf8').split('\0').slice(0, -1);
}
