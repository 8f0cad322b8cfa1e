import { createTwoFilesPatch } from 'diff';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '../../problems.ts';
import type { InitFile } from './files.ts';

export type Compared = InitFile &
  (
    | { readonly state: 'new' }
    /** There already, and equal. */
    | { readonly state: 'equal' }
    /** Somebody's own, in the place of one that would only help to begin. */
    | { readonly state: 'own' }
    | { readonly state: 'differs'; readonly diff: string }
  );

/** Looks at what is there; writes nothing. */
export function compareFiles(directory: string, files: readonly InitFile[]): readonly Compared[] {
  return files.map((file) => {
    const found = readIfThere(join(directory, file.path));
    if (found === null) return { ...file, state: 'new' };
    if (found === file.text) return { ...file, state: 'equal' };
    if (file.starter) return { ...file, state: 'own' };
    return { ...file, state: 'differs', diff: diffOf(file, found) };
  });
}

function diffOf({ path, text }: InitFile, found: string): string {
  const patch = createTwoFilesPatch(path, path, found, text, 'as it is', 'as it would be', { context: 3 });
  return patch.slice(patch.indexOf('--- '));
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return null;
    const why =
      code === 'EISDIR'
        ? 'it is a folder'
        : code === 'ENOTDIR'
          ? 'a file is where its folder should be'
          : 'it cannot be read';
    throw new ProblemError(
      { code: 'file-exists', message: `${path} cannot be written: ${why}.`, where: path },
      { cause },
    );
  }
}
