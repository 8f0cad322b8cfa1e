import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import type { Locate, Path, Place, SchemaProblem } from './problem.ts';

/** A YAML text that could be read. */
export interface YamlText {
  readonly value: unknown;
  readonly locate: Locate;
  /** Where the name of a key was written. */
  readonly locateKey: Locate;
  /** A scalar as it was written, without quotes; undefined for everything else. */
  readonly written: (path: Path) => string | undefined;
}
export type ReadYaml = (YamlText & { readonly ok: true }) | Unreadable;
interface Unreadable {
  readonly ok: false;
  readonly problems: readonly SchemaProblem[];
}

/** A defence against documents that unfold without end. */
const maxAliasCount = 100;

/** Reads one YAML document; whatever YAML itself forbids becomes a problem with its place. */
export function readYaml(text: string, file: string): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const place = placer(text, file, lines);
  const found = withoutEchoes([...document.errors, ...document.warnings]).map(({ code, message, pos }) => ({
    kind: 'yaml' as const,
    ...place(pos[0]),
    ...inWords(code, message),
  }));
  if (found.length > 0) return { ok: false, problems: found };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return unreadable(place(0), 'the file is empty', 'write the definition, or delete the file');
  keepEnvironmentAsWritten(document);
  return unfold(document, place);
}

function unfold(document: Document, place: (offset: number) => Place): ReadYaml {
  try {
    return {
      ok: true,
      value: document.toJS({ maxAliasCount }),
      locate: (path) => place(offsetOf(document, path)),
      locateKey: (path) => place(keyOffsetOf(document, path)),
      written(path) {
        const { node, depth } = find(document, path);
        return depth === path.length ? sourceOf(node) : undefined;
      },
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const bomb = message.startsWith('Excessive alias count');
    return unreadable(
      place(firstAlias(document)),
      bomb ? 'the aliases of this file unfold into far too much' : message.toLowerCase().replace(/\.$/, ''),
      bomb
        ? 'write the values out instead of nesting aliases'
        : 'define the anchor (&name) above its use (*name)',
    );
  }
}

function unreadable(place: Place, message: string, hint: string): Unreadable {
  return { ok: false, problems: [{ kind: 'yaml', message, hint, ...place }] };
}

function placer(text: string, file: string, lines: LineCounter): (offset: number) => Place {
  const mark = text.startsWith('\uFEFF') ? 1 : 0; // a byte order mark is no column a person can see
  return (offset) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { file, line: Math.max(line, 1), column: Math.max(line <= 1 ? col - mark : col, 1) };
  };
}

const words: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  TAB_AS_INDENT: { message: 'a tab is used to indent', hint: 'indent with spaces' },
  DUPLICATE_KEY: { message: 'the same key appears twice in one map', hint: 'keep one of the two' },
  MULTIPLE_DOCS: {
    message: 'the file holds more than one YAML document',
    hint: 'remove the line with --- and what follows, or move it to a file of its own',
  },
  TAG_RESOLVE_FAILED: { message: 'a tag (!…) nobody here understands', hint: 'remove the tag' },
};

/** After the first broken piece of syntax YAML stumbles over everything; only the first one helps. */
function withoutEchoes<T extends { readonly code: string; readonly pos: readonly number[] }>(
  errors: readonly T[],
) {
  const first = errors.find(({ code }) => !(code in words));
  return errors.filter((error) => error === first || (first === undefined && error.code in words));
}

function inWords(code: string, message: string): { message: string; hint: string } {
  const known = words[code];
  if (known === undefined)
    return {
      message: message.split('\n')[0] ?? message,
      hint: 'look at this line and the one above: quotes, brackets, colons and indentation',
    };
  const tag = code === 'TAG_RESOLVE_FAILED' ? /![^\s]*/.exec(message)?.[0] : undefined;
  return tag === undefined ? known : { ...known, message: `nobody here understands the tag ${tag}` };
}

/** `UMASK: 022` means the text 022, and `VERSION: 1.10` the text 1.10: numbers of an environment stay as written. */
function keepEnvironmentAsWritten(document: Document): void {
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === 'environment') keepAsWritten(document, value, 0);
    },
  });
}

function keepAsWritten(document: Document, node: unknown, depth: number): void {
  if (depth > 10) return; // an alias may lead back to where it came from
  if (isAlias(node)) keepAsWritten(document, node.resolve(document), depth + 1);
  if (isSeq(node)) for (const item of node.items) keepAsWritten(document, item, depth + 1);
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (keyText(key) === '<<') keepAsWritten(document, value, depth + 1);
    else if (isScalar(value) && typeof value.value !== 'string' && value.value !== null)
      value.value = value.source ?? value.value;
  }
}

interface Found {
  readonly node: Node | null;
  /** The pair that holds it, when a map does. */
  readonly pair: Pair | null;
  /** How many parts of the path were there. */
  readonly depth: number;
}

function find(document: Document, path: Path): Found {
  let found: Found = { node: document.contents, pair: null, depth: 0 };
  for (const part of path) {
    const next = child(document, found.node, part);
    if (next === null) return found;
    found = { ...next, depth: found.depth + 1 };
  }
  return found;
}

function child(document: Document, parent: Node | null, part: string | number): Omit<Found, 'depth'> | null {
  const node = isAlias(parent) ? (parent.resolve(document) ?? null) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return isNode(item) ? { node: item, pair: null } : null;
  }
  if (!isMap(node)) return null;
  const own = node.items.find(({ key }) => keyText(key) === String(part));
  if (own) return { node: isNode(own.value) ? own.value : null, pair: own };
  const merged = node.items.find(({ key }) => keyText(key) === '<<');
  const sources = merged === undefined ? [] : isSeq(merged.value) ? merged.value.items : [merged.value];
  for (const source of sources) {
    const inside = isNode(source) ? child(document, source, part) : null;
    if (inside) return inside;
  }
  return null;
}

function keyText(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : ''; // the value of `<<` is a symbol
}

function offsetOf(document: Document, path: Path): number {
  const { node, pair } = find(document, path);
  return (isScalar(node) ? node.range?.[0] : undefined) ?? keyOffset(pair) ?? node?.range?.[0] ?? 0;
}

function keyOffsetOf(document: Document, path: Path): number {
  const { node, pair } = find(document, path);
  return keyOffset(pair) ?? node?.range?.[0] ?? 0;
}

function keyOffset(pair: Pair | null): number | undefined {
  return pair !== null && isPair(pair) && isScalar(pair.key) ? pair.key.range?.[0] : undefined;
}

function sourceOf(node: Node | null): string | undefined {
  return isScalar(node) ? (node.source ?? String(node.value)) : undefined;
}

function firstAlias(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_, alias) {
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}
