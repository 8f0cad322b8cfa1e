import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { parse } from 'yaml';
import { ciFileIn } from './git.ts';
import { list, object, text, texts } from './shape.ts';
import type { CiOptions } from './types.ts';

interface Wanted {
  readonly project: string;
  readonly ref: string | null;
  readonly files: readonly string[];
}

/**
 * Puts what a file includes from other projects where gitlab-ci-local keeps what it once fetched, so that it asks no
 * server. Answers GitLab's words where such a file cannot be had, else null.
 */
export async function placeIncludes(
  { checkout, state }: { readonly checkout: string; readonly state: string },
  { includes = () => null }: Pick<CiOptions, 'includes'>,
): Promise<string | null> {
  const place = async (yaml: string, from: Wanted | null): Promise<string | null> => {
    for (const wanted of wantedIn(yaml, from)) {
      const { project, ref } = wanted;
      const repository = includes(project);
      if (repository === null)
        return `Project \`${project}\` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.`;
      if ((await git(repository, ['rev-parse', `${ref ?? 'HEAD'}^{commit}`])) === null)
        return `Project \`${project}\` reference \`${ref ?? 'HEAD'}\` does not exist!`;
      for (const file of wanted.files) {
        const path = file.replace(/^\/+/, '');
        const content = await git(repository, ['cat-file', 'blob', `${ref ?? 'HEAD'}:${path}`]);
        if (content === null) return `Project \`${project}\` file \`${path}\` does not exist!`;
        // A remote that is no server of its own counts as gitlab.com there.
        const kept = join(state, 'includes', 'gitlab.com', project, ref ?? 'HEAD', path);
        await mkdir(dirname(kept), { recursive: true });
        await writeFile(kept, content);
        const inner = await place(content, wanted);
        if (inner !== null) return inner;
      }
    }
    return null;
  };
  return place(await readFile(ciFileIn(checkout), 'utf8'), null);
}

/** Files of other projects; what one of them includes as local is its own project's. */
function wantedIn(yaml: string, from: Wanted | null): readonly Wanted[] {
  const include = object(parsed(yaml))['include'];
  const entries = Array.isArray(include) ? list(include) : include === undefined ? [] : [include];
  return entries.flatMap((entry) => {
    const { project, ref, file, local } = object(entry);
    const own = text(entry) ?? text(local);
    if (own !== null) return from === null ? [] : [{ ...from, files: [own] }];
    const path = text(project);
    return path === null ? [] : [{ project: path, ref: text(ref), files: texts(file) }];
  });
}

/** What is wrong with a file is told by whoever reads it as a whole. */
function parsed(yaml: string): unknown {
  try {
    return parse(yaml, { merge: true, logLevel: 'silent' });
  } catch {
    return null;
  }
}

async function git(repository: string, args: readonly string[]): Promise<string | null> {
  const { exitCode, stdout } = await execa('git', args, { cwd: repository, reject: false });
  return exitCode === 0 ? stdout : null;
}
