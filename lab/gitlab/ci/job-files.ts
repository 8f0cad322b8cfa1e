import { cp, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { stringify } from 'yaml';
import type { JobDefinition, Variables } from './ci-file.ts';
import { globFits } from './glob.ts';
import type { LabVariable } from './types.ts';

/** The folders of one job. */
export interface JobFolders {
  /** Its checkout. */
  readonly project: string;
  readonly home: string;
  readonly files: string;
  readonly state: string;
  readonly ciFile: string;
  readonly artifacts: string;
  readonly reports: string;
  readonly trace: string;
}

export function jobFolders(top: string, projectPath: string): JobFolders {
  return {
    project: join(top, 'builds', projectPath),
    home: join(top, 'home'),
    files: join(top, 'builds', `${projectPath}.tmp`),
    state: join(top, 'state'),
    ciFile: join(top, 'job.yml'),
    artifacts: join(top, 'state', 'artifacts', jobName),
    reports: join(top, 'reports'),
    trace: join(top, 'trace.log'),
  };
}

/** The one job of the file a job is run from; its real name stands in its variables. */
export const jobName = 'job';

/**
 * The job by itself, as gitlab-ci-local runs it: when, after what and whether at all has been decided. Its own lines go
 * to the trace's file as they are, since gitlab-ci-local takes them apart and drops the section marks.
 */
export async function writeJobFile(definition: JobDefinition, folders: JobFolders): Promise<void> {
  const { beforeScript, script, afterScript, artifacts } = definition;
  const traced = `exec >>'${folders.trace}' 2>&1`;
  const { paths, exclude, when } = artifacts;
  const job = {
    before_script: [traced, ...beforeScript],
    script,
    ...(afterScript.length === 0 ? {} : { after_script: [traced, ...afterScript] }),
    ...(paths.length === 0
      ? {}
      : { artifacts: { paths, exclude, when: when === 'on_success' ? 'on_success' : 'always' } }),
  };
  await mkdir(dirname(folders.ciFile), { recursive: true });
  await writeFile(folders.ciFile, stringify({ stages: ['test'], [jobName]: job }));
}

/** Writes variables of type file, readable to the job alone; gives every variable with what a job sees as its value. */
export async function writeFileVariables(
  variables: readonly LabVariable[],
  folder: string,
): Promise<Variables> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const values: Record<string, string> = {};
  for (const { key, value, type } of variables) {
    values[key] = type === 'file' ? join(folder, key) : value;
    if (type === 'file') await writeFile(join(folder, key), value, { mode: 0o600 });
  }
  return values;
}

export async function copyInto(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(from, to, { recursive: true, force: true, verbatimSymlinks: true, preserveTimestamps: true });
}

/** Copies the files that fit one of the patterns. */
export async function collect(patterns: readonly string[], from: string, to: string): Promise<void> {
  if (patterns.length === 0) return;
  const found = (await readdir(from, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(from.length + 1))
    .filter((path) => patterns.some((pattern) => globFits(pattern.replace(/^\.\//, ''), path)));
  for (const path of found) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(from, path), join(to, path));
  }
}

/** The variables of `artifacts:reports:dotenv`. */
export async function readDotenv(patterns: readonly string[], folder: string): Promise<Variables> {
  const variables: Record<string, string> = {};
  for (const pattern of patterns) {
    const content = await fileIn(folder, pattern);
    for (const line of content?.toString().split(/\r?\n/) ?? []) {
      const [, name, value] = /^\s*(\w+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) variables[name] = unquoted(value.trim());
    }
  }
  return variables;
}

const unquoted = (value: string): string => /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value;

/** A file by its path inside a folder, or null; never one from outside of it. */
export async function fileIn(folder: string, path: string): Promise<Buffer | null> {
  const file = resolve(folder, path);
  if (!file.startsWith(folder + sep)) return null;
  try {
    return (await lstat(file)).isFile() ? await readFile(file) : null;
  } catch {
    return null;
  }
}

export const remove = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true, maxRetries: 3 });
