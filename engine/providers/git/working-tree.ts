import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
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
  { signal, env = process.env }: { readonly signal: AbortSignal; readonly env?: Environment },
): Promise<Tree> {
  const git = createGit({ place: ['-C', directory], env });
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const listing = await git.run(args, { signal });
  const listed = listing.exitCode === 0 ? fields(listing.stdout) : await walk(directory);
  const paths = listed.filter((path) => isTextFile(join(directory, path))).sort();
  const files = new Set(paths);
  const read = (path: string): Buffer | undefined =>
    files.has(path) ? readFileSync(join(directory, path)) : undefined;
  return {
    revision: workingTreeRevision,
    paths,
    blob: (path) => {
      const bytes = read(path);
      return bytes === undefined ? undefined : blobId(bytes);
    },
    read: (path) => {
      const bytes = read(path);
      return bytes === undefined ? undefined : decodeText(bytes);
    },
  };
}

async function walk(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) found.push(path);
      else if (entry.isDirectory() && !['.git', 'node_modules'].includes(entry.name)) await visit(path);
    }
  };
  await visit('');
  return found;
}

/** A link is not followed: Git would not either. A tracked file may be gone from the disk. */
function isTextFile(file: string): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size >= largestText) return false;
  return decodeText(readFileSync(file)) !== undefined;
}

function blobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
