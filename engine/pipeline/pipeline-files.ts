import { parse } from 'yaml';
import type { Tree } from '../ports.ts';

const mainFile = '.gitlab-ci.yml';
const mostFiles = 100;

/**
 * Pure: the files of a repository that say what the jobs of its pipelines do: `.gitlab-ci.yml` and whatever it includes
 * from the same repository. A path that is only known when the pipeline runs counts as every file it may mean.
 */
export function pipelineFiles(tree: Tree): readonly string[] {
  const found = new Set<string>(tree.paths.includes(mainFile) ? [mainFile] : []);
  for (const path of found) {
    if (found.size > mostFiles) break;
    for (const pattern of localIncludes(tree.read(path) ?? ''))
      for (const match of tree.paths.filter((candidate) => pattern.test(candidate))) found.add(match);
  }
  return [...found];
}

/** Pure: whether two commits say something else about what jobs do. */
export function pipelineDiffers(before: Tree, after: Tree): boolean {
  const paths = new Set([...pipelineFiles(before), ...pipelineFiles(after)]);
  return [...paths].some((path) => before.blob(path) !== after.blob(path));
}

function localIncludes(text: string): readonly RegExp[] {
  const file = parsed(text);
  const include = isRecord(file) ? file['include'] : undefined;
  const entries: readonly unknown[] = Array.isArray(include) ? include : [include];
  return entries.flatMap((entry) => {
    const local = isRecord(entry) ? entry['local'] : entry;
    return typeof local === 'string' && !/^https?:/i.test(local) ? [patternOf(local)] : [];
  });
}

/** `/ci/*.yml`, `ci/**.yml`, `ci/$ENVIRONMENT.yml` */
function patternOf(path: string): RegExp {
  const parts = path.replace(/^\.?\//, '').split(/(\*\*|\*|\$\{\w+\}|\$\w+|\$\[\[[^\]]*\]\])/);
  const source = parts.map((part) => {
    if (part === '*') return '[^/]*';
    return part === '**' || part.startsWith('$') ? '.*' : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`);
}

/** A file GitLab could not read either includes nothing. */
function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent', customTags: [reference] });
  } catch {
    return null;
  }
}

/** GitLab's own tag; what it refers to is in the same file. */
const reference = { tag: '!reference', collection: 'seq' } as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
