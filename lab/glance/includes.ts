import { posix } from 'node:path';

/** Text of a file; undefined when there is none. */
export type ReadFile = (path: string) => string | undefined;

/** What Glance says when it cannot use a configuration. */
export class ConfigurationError extends Error {}

const includeLine = /^([ \t]*)(?:-[ \t]*)?(?:!|\$)include:[ \t]*(.+)$/gm;
const variable = /(^|.)\$\{(?:([a-zA-Z]+):)?([A-Za-z0-9_-]+)\}/g;

/** The configuration with its includes put in place as text, line by line, and the files it is made of. */
export function putIncludes(
  main: string,
  read: ReadFile,
): { readonly text: string; readonly files: readonly string[] } {
  const files: string[] = [];
  const load = (path: string, depth: number): string => {
    if (depth > 20) throw new ConfigurationError(`recursion depth limit of 20 reached`);
    const text = read(path);
    if (text === undefined)
      throw new ConfigurationError(`reading ${path}: open ${path}: no such file or directory`);
    files.push(path);
    return text.replace(includeLine, (_, indent: string, target: string) => {
      const name = target.trim();
      const file = posix.isAbsolute(name) ? name : posix.join(posix.dirname(path), name);
      return load(file, depth + 1)
        .split('\n')
        .map((line) => indent + line)
        .join('\n');
    });
  };
  return { text: load(main, 0), files };
}

/** Puts in values of the environment and of secret files, comments included; one that is missing spoils the file. */
export function putVariables(
  text: string,
  { env, read }: { readonly env: Readonly<Record<string, string>>; readonly read: ReadFile },
): string {
  const value = (kind: string | undefined, name: string): string => {
    const from = kind === 'secret' ? read(`/run/secrets/${name}`)?.trim() : env[name];
    if (from === undefined)
      throw new ConfigurationError(`parsing variables: ${kind ?? 'environment variable'} ${name} not found`);
    return kind === 'readFileFromEnv' ? (read(from)?.trim() ?? '') : from;
  };
  return text.replace(variable, (whole: string, before: string, kind: string | undefined, name: string) =>
    before === '\\' ? whole.slice(1) : before + value(kind, name),
  );
}
