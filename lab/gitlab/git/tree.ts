import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** One entry of `actions` of the commits API. */
export type FileAction =
  | {
      readonly kind: 'create' | 'update';
      readonly path: string;
      readonly content: Buffer;
      readonly executable: boolean;
    }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'move';
      readonly path: string;
      readonly previous: string;
      readonly content: Buffer | null;
    }
  | { readonly kind: 'chmod'; readonly path: string; readonly executable: boolean };

/** The tree after all actions, or GitLab's words for why not. Nothing is kept of a refused one. */
export async function changedTree(
  repository: Repository,
  from: string | null,
  actions: readonly FileAction[],
): Promise<{ readonly tree: string } | { readonly refused: string }> {
  const index = join(repository.directory, `index-${randomUUID()}`);
  try {
    const scratch = openIndex(repository, index);
    if (from !== null) await scratch.load(from);
    for (const action of actions) {
      const refused = await apply(scratch, action);
      if (refused !== null) return { refused };
    }
    return { tree: await scratch.write() };
  } finally {
    await rm(index, { force: true });
  }
}

type Scratch = ReturnType<typeof openIndex>;
function openIndex({ git }: Repository, file: string) {
  const env = { GIT_INDEX_FILE: file };
  return {
    load: (commit: string) => git(['read-tree', commit], { env }),
    write: () => git(['write-tree'], { env }),
    async find(path: string): Promise<{ readonly mode: string; readonly blob: string } | null> {
      const text = await git(['ls-files', '--stage', '-z', '--', path], { env });
      const entry = text.split('\0').find((line) => line.endsWith(`\t${path}`));
      const [mode, blob] = entry?.split(/\s/) ?? [];
      return mode === undefined || blob === undefined ? null : { mode, blob };
    },
    store: (content: Buffer) => git(['hash-object', '-w', '--stdin'], { input: content }),
    put: (path: string, { mode, blob }: { readonly mode: string; readonly blob: string }) =>
      git(['update-index', '--add', '--replace', '--cacheinfo', `${mode},${blob},${path}`], { env }),
    // `--force-remove` wants a work tree
    drop: (path: string) =>
      git(['update-index', '-z', '--index-info'], { env, input: `0 ${'0'.repeat(40)}\t${path}\0` }),
  };
}

async function apply(scratch: Scratch, action: FileAction): Promise<string | null> {
  if (outside(action.path)) return 'Path cannot include directory traversal';
  const there = await scratch.find(action.kind === 'move' ? action.previous : action.path);
  if (action.kind === 'create') {
    if (there !== null) return exists;
    const mode = action.executable ? '100755' : '100644';
    await scratch.put(action.path, { mode, blob: await scratch.store(action.content) });
    return null;
  }
  if (there === null) return missing;
  switch (action.kind) {
    case 'update':
      await scratch.put(action.path, { ...there, blob: await scratch.store(action.content) });
      return null;
    case 'delete':
      await scratch.drop(action.path);
      return null;
    case 'chmod':
      await scratch.put(action.path, { ...there, mode: action.executable ? '100755' : '100644' });
      return null;
    case 'move': {
      if ((await scratch.find(action.path)) !== null) return exists;
      await scratch.drop(action.previous);
      const blob = action.content === null ? there.blob : await scratch.store(action.content);
      await scratch.put(action.path, { ...there, blob });
      return null;
    }
  }
}

const exists = 'A file with this name already exists';
const missing = "A file with this name doesn't exist";
const outside = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  readonly path: string;
}
export async function listTree(
  { ask }: Repository,
  { ref, path, recursive }: { readonly ref: string; readonly path: string; readonly recursive: boolean },
): Promise<readonly TreeEntry[]> {
  const below = path === '' ? [] : ['--', path.endsWith('/') ? path : `${path}/`];
  const text = await ask(['ls-tree', '-z', ...(recursive ? ['-r', '-t'] : []), ref, ...below]);
  return (text ?? '').split('\0').flatMap((line) => {
    const [head = '', name = ''] = line.split('\t');
    const [mode = '', type = '', id = ''] = head.split(' ');
    return name === '' ? [] : [{ mode, type, id, path: name }];
  });
}

/** A file as it was at a commit, or null. */
export async function fileAt(
  repository: Repository,
  ref: string,
  path: string,
): Promise<{ readonly blob: string; readonly executable: boolean; readonly content: Buffer } | null> {
  const entry = (await repository.ask(['ls-tree', '-z', ref, '--', path]))?.split('\0')[0] ?? '';
  const [mode = '', type = '', blob = ''] = entry.split(/\s/);
  if (type !== 'blob') return null;
  return { blob, executable: mode === '100755', content: await repository.bytes(['cat-file', 'blob', blob]) };
}
