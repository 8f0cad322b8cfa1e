import { parse } from 'yaml';
import { isRecord } from '../../engine/json.ts';
import { type Keys, knownKeys } from './known-keys.ts';

export type Section = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
export interface Decoded {
  readonly routers: Section;
  readonly services: Section;
  readonly middlewares: Section;
}

/** One file as Traefik reads it: run as a template, then as YAML, strictly. Throws with Traefik's reason. */
export function decode(text: string): Decoded {
  const root = parse(template(text), { merge: true }) as unknown;
  if (root === null) return { routers: {}, services: {}, middlewares: {} };
  if (!isRecord(root)) throw new Error('yaml: unmarshal errors: cannot unmarshal into a map');
  for (const [section, keys] of Object.entries(knownKeys))
    if (root[section] !== undefined && root[section] !== null) check(root[section], keys, [section]);
  const http = isRecord(root['http']) ? root['http'] : {};
  return {
    routers: section(http['routers']),
    services: section(http['services']),
    middlewares: section(http['middlewares']),
  };
}

/** The part of Go's templates that only says what is written there; anything else is a function nobody defined. */
function template(text: string): string {
  return text.replaceAll(/\{\{([\s\S]*?)\}\}|\{\{/g, (all, action: string | undefined) => {
    const literal = /^-?\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*-?$/.exec(action ?? '')?.[1];
    if (literal === undefined) throw new Error(`template: :1: unexpected ${all.slice(0, 30)} in operand`);
    return literal.startsWith('`') ? literal.slice(1, -1) : String(JSON.parse(literal));
  });
}

/** The few maps that say something by being there. */
const mayBeEmpty = ['tls', 'compress', 'contentType', 'cookie'];

function check(value: unknown, keys: Keys | null, path: readonly string[]): void {
  if (Array.isArray(value)) {
    for (const item of value) check(item, keys, path);
    return;
  }
  if (!isRecord(value)) return;
  if (Object.keys(value).length === 0 && !mayBeEmpty.includes(path.at(-1) ?? ''))
    throw new Error(`${path.at(-1) ?? ''} cannot be a standalone element (type map[string]*)`);
  for (const [key, inside] of Object.entries(value)) {
    if (keys === null) {
      check(inside, null, [...path, key]);
      continue;
    }
    const below = keys[key] === undefined ? keys['*'] : keys[key];
    if (below === undefined) throw new Error(`field not found, node: ${key}`);
    check(inside, below, [...path, key]);
  }
}

function section(value: unknown): Section {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, inside]) => [name, isRecord(inside) ? inside : {}]),
  );
}
