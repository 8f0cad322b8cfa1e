import { fileURLToPath } from 'node:url';

const built = import.meta.url.includes('/dist/lab/');

/** A file of this project by its path from the top, from the sources as from the build. */
export function projectFile(path: string): string {
  return fileURLToPath(new URL(`${built ? '../../' : '../'}${path}`, import.meta.url));
}
