import { badParameter } from './reply.ts';

/** Parameters of a request: those of the query and of the body, taken together. */
export type Params = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `scope[]=a&filter[environment_scope]=b` → `{ scope: ['a'], filter: { environment_scope: 'b' } }`. */
export function queryParams(query: URLSearchParams): Params {
  const params: Record<string, unknown> = {};
  for (const [name, value] of query) {
    const [, key = name, inner] = /^([^[]+)(?:\[([^\]]*)\])?$/.exec(name) ?? [];
    const there = params[key];
    if (inner === undefined) params[key] = value;
    else if (inner === '') params[key] = [...(Array.isArray(there) ? (there as unknown[]) : []), value];
    else params[key] = { ...(isRecord(there) ? there : {}), [inner]: value };
  }
  return params;
}
export function bodyParams(type: string, text: string): Params {
  if (text === '') return {};
  if (type.startsWith('application/x-www-form-urlencoded')) return queryParams(new URLSearchParams(text));
  if (!type.startsWith('application/json')) return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    throw badParameter('There was a problem in the JSON you submitted');
  }
}

export function text(params: Params, key: string): string | undefined {
  const value = params[key];
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value : undefined;
}
export function required(params: Params, key: string): string {
  const value = text(params, key);
  if (value === undefined) throw badParameter(`${key} is missing`);
  if (value === '') throw badParameter(`${key} is empty`);
  return value;
}
export function flag(params: Params, key: string): boolean | undefined {
  const value = text(params, key);
  return value === undefined ? undefined : ['true', '1', 't', 'yes'].includes(value);
}
/** An array, one value, or words with commas between them. */
export function list(params: Params, key: string): readonly string[] | undefined {
  const value = params[key];
  if (Array.isArray(value)) return value.map(String);
  return text(params, key)
    ?.split(',')
    .filter((each) => each !== '');
}
/** `[{ key, value }]`, as variables of pipelines and jobs are given. */
export function pairs(params: Params, key: string): Readonly<Record<string, string>> {
  const value = params[key];
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return Object.fromEntries(
    entries.filter(isRecord).map((each) => [required(each, 'key'), text(each, 'value') ?? '']),
  );
}
