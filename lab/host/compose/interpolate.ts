import { invalidFile } from './compose-error.ts';

/** A parsed YAML value. */
export type Yaml = string | number | boolean | null | readonly Yaml[] | { readonly [key: string]: Yaml };
/** The variables of `.env` and the environment; `warn` hears about those that are not set. */
export interface Variables {
  readonly values: Readonly<Record<string, string>>;
  readonly warn: (message: string) => void;
}

/** Replaces `${…}` in every string of a document; `$$` is a dollar. */
export function interpolate(value: Yaml, variables: Variables, path = ''): Yaml {
  if (typeof value === 'string') return expand(value, variables, path);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => interpolate(item, variables, `${path}.[]`));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      interpolate(item, variables, path === '' ? key : `${path}.${key}`),
    ]),
  );
}

const isList = (value: Yaml): value is readonly Yaml[] => Array.isArray(value);

function expand(text: string, variables: Variables, path: string): string {
  let out = '';
  for (let at = 0; at < text.length;) {
    if (text[at] !== '$') {
      out += text[at++] ?? '';
      continue;
    }
    if (text[at + 1] === '$') {
      out += '$';
      at += 2;
      continue;
    }
    const braced = text[at + 1] === '{';
    const plain = /^\$([A-Za-z_]\w*)/.exec(text.slice(at));
    if (braced) {
      const end = closingBrace(text, at + 1);
      if (end < 0) throw badFormat(text, path);
      out += expression(text.slice(at + 2, end), variables, { path, text });
      at = end + 1;
    } else if (plain) {
      out += lookUp(plain[1] ?? '', variables);
      at += plain[0].length;
    } else throw badFormat(text, path);
  }
  return out;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

function expression(inner: string, variables: Variables, where: { path: string; text: string }): string {
  const parts = /^([A-Za-z_]\w*)(?:(:?[-?+])([\s\S]*))?$/.exec(inner);
  if (!parts) throw badFormat(where.text, where.path);
  const [, name = '', operator, rest = ''] = parts;
  if (operator === undefined) return lookUp(name, variables);
  const value = variables.values[name];
  const present = value !== undefined && (!operator.startsWith(':') || value !== '');
  if (operator.endsWith('+')) return present ? expand(rest, variables, where.path) : '';
  if (present) return value;
  if (operator.endsWith('-')) return expand(rest, variables, where.path);
  throw invalidFile(
    `error while interpolating ${where.path}: required variable ${name} is missing a value: ${expand(rest, variables, where.path)}`,
  );
}

function lookUp(name: string, { values, warn }: Variables): string {
  const value = values[name];
  if (value === undefined) warn(`The "${name}" variable is not set. Defaulting to a blank string.`);
  return value ?? '';
}

const badFormat = (text: string, path: string) =>
  invalidFile(
    `invalid interpolation format for ${path}.\nYou may need to escape any $ with another $.\n${text}`,
  );
