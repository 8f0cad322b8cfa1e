import type { FileChange, Tree } from '../../ports.ts';
import { checkedBytes } from '../git/git-problem.ts';
import { decodeText, readDiff } from '../git/read-tree.ts';
import type { ChangePlace } from './change-place.ts';
import { lastCommitOf } from './history.ts';

/** One entry of `actions` in GitLab's Commits API. */
export interface FileAction {
  readonly action: 'create' | 'update' | 'delete' | 'move' | 'chmod';
  readonly filePath: string;
  readonly previousPath?: string;
  readonly content?: string;
  readonly encoding?: 'text' | 'base64';
  readonly lastCommitId?: string;
  readonly execute_filemode?: boolean;
}
interface Between {
  readonly from: string;
  readonly to: string;
}
interface Sides {
  readonly before: Tree;
  readonly after: Tree;
}

/** What turns one commit's files into another's; each file it touches is locked to the state it has in `from`. */
export async function draftActions(
  place: ChangePlace,
  { from, to }: Between,
  signal: AbortSignal,
): Promise<FileAction[]> {
  const sides = {
    before: await place.mirrored.tree(from, signal),
    after: await place.mirrored.tree(to, signal),
  };
  const changes = await readDiff(place.git, { base: from, head: to }, signal);
  const actions: FileAction[] = [];
  for (const change of changes) actions.push(...(await actionsOf(place, { change, sides, from }, signal)));
  // what goes makes room first: a folder may take the place of a file
  const rank = ({ action }: FileAction): number => ['delete', 'move'].indexOf(action) >>> 0;
  return actions.sort((one, other) => rank(one) - rank(other));
}

async function actionsOf(
  place: ChangePlace,
  { change, sides, from }: { readonly change: FileChange; readonly sides: Sides; readonly from: string },
  signal: AbortSignal,
): Promise<readonly FileAction[]> {
  const { path: filePath, status } = change;
  const old = change.from ?? filePath;
  const lock = async () => ({ lastCommitId: await lastCommitOf(place.git, { path: old, at: from }, signal) });
  const content = () => contentOf(place, sides.after.blob(filePath) ?? '', signal);
  const mode = modeChange(sides, { filePath, old: status === 'added' ? null : old });
  const edited = sides.before.blob(old) !== sides.after.blob(filePath);
  switch (status) {
    case 'added':
      return [{ action: 'create', filePath, ...(await content()) }, ...mode];
    case 'deleted':
      return [{ action: 'delete', filePath, ...(await lock()) }];
    case 'renamed': {
      const text = edited ? await content() : {};
      return [{ action: 'move', filePath, previousPath: old, ...text, ...(await lock()) }, ...mode];
    }
    case 'modified':
      if (!edited) return mode;
      return [{ action: 'update', filePath, ...(await content()), ...(await lock()) }, ...mode];
  }
}

function modeChange(
  { before, after }: Sides,
  { filePath, old }: { readonly filePath: string; readonly old: string | null },
): readonly FileAction[] {
  const was = old !== null && before.executable(old);
  const is = after.executable(filePath);
  return was === is ? [] : [{ action: 'chmod', filePath, execute_filemode: is }];
}

async function contentOf(
  { git }: ChangePlace,
  blob: string,
  signal: AbortSignal,
): Promise<Pick<FileAction, 'content' | 'encoding'>> {
  const bytes = checkedBytes(await git.run(['cat-file', 'blob', blob], { signal }), 'cat-file');
  const text = decodeText(bytes);
  return text === undefined
    ? { content: bytes.toString('base64'), encoding: 'base64' }
    : { content: text, encoding: 'text' };
}
