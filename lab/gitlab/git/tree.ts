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
  const before = from === null ? [] : await listTree(repository, { ref: from, path: '', recursive: true });
  const files: Files = new Map(
    before.flatMap((entry) => (entry.type === 'tree' ? [] : [[entry.path, entry]])),
  );
  for (const action of actions) {
    const refused = await apply(repository, files, action);
    if (refused !== null) return { refused };
  }
  return { tree: await writeTree(repository, files) };
}

type Files = Map<string, { readonly mode: string; readonly id: string }>;

/** Through an index of its own, which a bare repository does not have. */
async function writeTree({ git, directory }: Repository, files: Files): Promise<string> {
  const index = join(directory, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  const input = [...files].map(([path, { mode, id }]) => `${mode} ${id}\t${path}\0`).join('');
  try {
    await git(['update-index', '-z', '--index-info'], { env, input });
    return await git(['write-tree'], { env });
  } finally {
    await rm(index, { force: true });
  }
}

async function apply({ git }: Repository, files: Files, action: FileAction): Promise<string | null> {
  if (outside(action.path)) return 'Path cannot include directory traversal';
  const store = (content: Buffer): Promise<string> =>
    git(['hash-object', '-w', '--stdin'], { input: content });
  const mode = 'executable' in action && action.executable ? '100755' : '100644';
  if (action.kind === 'create') {
    if (files.has(action.path)) return exists;
    files.set(action.path, { mode, id: await store(action.content) });
    return null;
  }
  const there = files.get(action.kind === 'move' ? action.previous : action.path);
  if (there === undefined) return missing;
  switch (action.kind) {
    case 'update':
      files.set(action.path, { ...there, id: await store(action.content) });
      return null;
    case 'delete':
      files.delete(action.path);
      return null;
    case 'chmod':
      files.set(action.path, { ...there, mode });
      return null;
    case 'move':
      if (files.has(action.path)) return exists;
      files.delete(action.previous);
      files.set(action.path, action.content === null ? there : { ...there, id: await store(action.content) });
      return null;
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
