import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tree } from '../../ports.ts';
import { createGit, type Environment } from './git.ts';
import { decodeText, fields, largestText } from './read-tree.ts';

/** What `Tree.revision` says for files that are not a commit. */
export const workingTreeRevision = 'working tree';

/** The files of a folder as they are on disk: tracked by Git or new, never the ignored ones. Works without Git too. */
export async function createWorkingTree(
  directory: string,
  { signal, env }: { readonly signal: AbortSignal; readonly env: Environment },
): Promise<Tree> {
  const git = createGit({ place: ['-C', directory], env });
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listing = await git.run(args, { signal });
  const listed = listing.exitCode === 0 ? fields(listing.stdout) : await walk(directory);
  const found = listed.flatMap((path) => kindOf(join(directory, path)).map((kind) => [path, kind] as const));
  const kinds = new Map(found);
  const bytes = (path: string): Buffer | undefined => {
    const kind = kinds.get(path);
    if (kind === undefined) return undefined;
    // Git keeps where a link points to, and does not follow it
    return kind === 'link'
      ? Buffer.from(readlinkSync(join(directory, path)))
      : readFileSync(join(directory, path));
  };
  return {
    revision: workingTreeRevision,
    paths: [...kinds.keys()].sort(),
    blob: (path) => {
      const content = bytes(path);
      return content === undefined ? undefined : blobId(content);
    },
    executable: (path) => kinds.get(path) === 'file' && (lstatSync(join(directory, path)).mode & 0o100) !== 0,
    read: (path) => {
      const content = kinds.get(path) === 'file' ? bytes(path) : undefined;
      return content === undefined || content.length >= largestText ? undefined : decodeText(content);
    },
  };
}

async function walk(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
      else if (entry.isDirectory() && !['.git', 'node_modules'].includes(entry.name)) await visit(path);
    }
  };
  await visit('');
  return found;
}

/** Nothing for what is neither file nor link, and for a tracked file that is gone from the disk. */
function kindOf(file: string): readonly ('file' | 'link')[] {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() === true) return ['file'];
  return stat?.isSymbolicLink() === true ? ['link'] : [];
}

function blobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
