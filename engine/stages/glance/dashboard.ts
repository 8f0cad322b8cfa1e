import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { type Aliases, aliasesOf } from './aliases.ts';
import { type Composed, compose, type Sources } from './compose.ts';
import { unmask } from './templates.ts';

/** A configuration that could be read, with the place of everything in it. */
export interface Dashboard {
  readonly sources: Sources;
  readonly composed: Composed;
  /** Lines of the composed text, templates masked. */
  readonly lines: readonly string[];
  readonly document: Document;
  readonly root: Mapping;
  readonly aliases: Aliases['targets'];
  /** Line and column of an offset, both from 0. */
  readonly position: (offset: number) => { readonly line: number; readonly column: number };
}
export type Mapping = YAMLMap;
export type Entry = Pair;
/** Why a configuration cannot be edited, in words. */
export type Reading =
  { readonly ok: true; readonly dashboard: Dashboard } | { readonly ok: false; readonly fault: string };

/** What was read, as long as somebody has the sources: they never change, and reading them takes long. */
const known = new WeakMap<Sources, Reading>();

/** Reads a configuration for finding places in it. Pure. */
export function readDashboard(sources: Sources): Reading {
  const reading = known.get(sources) ?? readAnew(sources);
  known.set(sources, reading);
  return reading;
}

function readAnew(sources: Sources): Reading {
  const composed = compose(sources);
  if (composed.fault !== null) return { ok: false, fault: composed.fault };
  const [absent] = composed.missing;
  if (absent !== undefined)
    return {
      ok: false,
      fault:
        absent === sources.main ? `${absent} does not exist` : `it includes ${absent}, which does not exist`,
    };
  const strange = [...sources.texts].find(([, text]) => text.includes('\uFFFD'));
  if (strange !== undefined) return { ok: false, fault: `${strange[0]} is not written in UTF-8` };
  const counter = new LineCounter();
  const document = parseDocument(composed.text, {
    keepSourceTokens: true,
    lineCounter: counter,
    merge: true,
    prettyErrors: false,
  });
  const position: Dashboard['position'] = (offset) => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(0, line - 1), column: Math.max(0, col - 1) };
  };
  const [error] = document.errors;
  if (error !== undefined)
    return { ok: false, fault: `${placeOf(composed, position(error.pos[0]).line)}: ${error.message}` };
  if (!isMap(document.contents)) return { ok: false, fault: `${sources.main} holds no configuration` };
  const { targets: aliases, fault } = aliasesOf(document);
  if (fault !== null)
    return { ok: false, fault: `${placeOf(composed, position(fault.offset).line)}: ${fault.words}` };
  const lines = composed.text.split('\n');
  const root = document.contents;
  return { ok: true, dashboard: { sources, composed, lines, document, root, aliases, position } };
}

/** `file:line`, as editors count. */
export function placeOf({ origins }: Composed, line: number): string {
  const origin = origins[Math.min(line, origins.length - 1)];
  return origin === undefined ? 'the configuration' : `${origin.file}:${origin.line + 1}`;
}

/** What an alias stands for. */
export function resolved({ aliases }: Dashboard, node: unknown): unknown {
  return isAlias(node) ? aliases.get(node) : node;
}

/** The entry of a mapping with that key, its own or one merged into it. */
export function entryOf(dashboard: Dashboard, mapping: Mapping, key: string): Entry | undefined {
  const own = mapping.items.find((pair) => isScalar(pair.key) && pair.key.source === key);
  if (own !== undefined) return own;
  for (const { key: name, value } of mapping.items) {
    if (!isScalar(name) || name.source !== '<<') continue;
    const merged = resolved(dashboard, value);
    const all: readonly unknown[] = isMap(merged) ? [merged] : itemsOf(merged);
    for (const one of all) {
      const map = resolved(dashboard, one);
      const found = isMap(map) ? entryOf(dashboard, map, key) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function itemsOf(node: unknown): readonly unknown[] {
  return typeof node === 'object' && node !== null && 'items' in node && Array.isArray(node.items)
    ? node.items
    : [];
}

/** Text of a single value, as Glance would show it; null where there is none. */
export function textOf(dashboard: Dashboard, mapping: Mapping, key: string): string | null {
  const value = resolved(dashboard, entryOf(dashboard, mapping, key)?.value);
  if (!isScalar(value) || value.value === null) return null;
  return unmask(value.source ?? JSON.stringify(value.value));
}
