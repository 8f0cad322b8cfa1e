import { closest } from 'fastest-levenshtein';
import { asList, asRecord, isRecord } from '../../json.ts';
import type { Spec } from '../../contract/spec.ts';

/** What discord.js adds to every message, and to every thread, also where the API gives it no meaning. */
const FROM_THE_CLIENT: Readonly<Record<string, readonly string[]>> = {
  allowed_mentions: ['tts', 'nonce', 'enforce_nonce'],
  auto_archive_duration: ['type'],
};

/** Keys of a request body that Discord does not know: its schemas let misspelt ones pass. */
export function unknownKeys(spec: Spec, schema: unknown, body: unknown): readonly string[] {
  return inspect(spec, [schema], { value: body, path: '' });
}

function inspect(
  spec: Spec,
  schemas: readonly unknown[],
  at: { value: unknown; path: string },
): readonly string[] {
  const { value, path } = at;
  const shapes = schemas.flatMap((schema) => flatten(spec, schema));
  if (Array.isArray(value)) {
    const items = shapes.flatMap((shape) => ('items' in shape ? [shape['items']] : []));
    return value.flatMap((entry, index) => inspect(spec, items, { value: entry, path: `${path}/${index}` }));
  }
  if (!isRecord(value)) return [];
  const fitting = shapes.filter((shape) => isRecord(shape['properties']) && fits(spec, shape, value));
  if (fitting.length === 0 || shapes.some((shape) => isRecord(shape['additionalProperties']))) return [];
  const merged = Object.assign({}, ...fitting.map((shape) => shape['properties'])) as Record<string, unknown>;
  return Object.entries(value).flatMap(([key, inner]) => {
    const inside = fitting.flatMap((shape) => asRecord(shape['properties'])[key] ?? []);
    if (inside.length > 0) return inspect(spec, inside, { value: inner, path: `${path}/${key}` });
    if (Object.entries(FROM_THE_CLIENT).some(([mark, added]) => mark in merged && added.includes(key)))
      return [];
    return [`${path}/${key} is not a key Discord knows; did you mean ${closest(key, Object.keys(merged))}?`];
  });
}

/** A schema's alternatives and parts, without unions. */
function flatten(spec: Spec, schema: unknown): readonly Record<string, unknown>[] {
  const shape = spec.resolve(schema);
  const inner = ['oneOf', 'anyOf', 'allOf'].flatMap((key) => asList(shape[key]));
  return [shape, ...inner.flatMap((part) => flatten(spec, part))];
}

/** Whether `type` may have the value's: so a button is not compared with a select. */
function fits(spec: Spec, shape: Record<string, unknown>, value: Record<string, unknown>): boolean {
  const declared = asRecord(shape['properties'])['type'];
  if (declared === undefined || value['type'] === undefined) return true;
  const alternatives = flatten(spec, declared).flatMap((each) => [
    ...('const' in each ? [each['const']] : []),
    ...asList(each['enum']),
  ]);
  return alternatives.length === 0 || narrowest(spec, declared, alternatives).includes(value['type']);
}

/** An `enum` beside an `allOf` narrows it. */
function narrowest(spec: Spec, declared: unknown, all: readonly unknown[]): readonly unknown[] {
  const own = asList(spec.resolve(declared)['enum']);
  return own.length > 0 ? own : all;
}
