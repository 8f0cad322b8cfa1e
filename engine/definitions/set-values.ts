import { isDeepStrictEqual } from 'node:util';
import { isAlias, isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import type { CommitDraft, DefinitionEdit, Tree } from '../ports.ts';
import type { Result } from '../types.ts';
import { applyEdits, type TextEdit } from './text-edits.ts';
import {
  afterColon,
  endOf,
  hasGaps,
  indentOf,
  isBlankAt,
  lineEnd,
  lineStart,
  startOf,
  stepOf,
} from './yaml-places.ts';

type Change = Omit<TextEdit, 'path'>;
interface Refused {
  readonly refused: string;
}

/** The smallest edits that set single values of one file; comments and formatting elsewhere stay byte for byte. */
export function setValues({
  tree,
  file,
  edits,
}: {
  readonly tree: Tree;
  readonly file: string;
  readonly edits: readonly DefinitionEdit[];
}): Result<CommitDraft['files']> {
  const before = tree.read(file) ?? '';
  const mark = before.startsWith('\uFEFF') ? '\uFEFF' : '';
  let text = before.slice(mark.length);
  for (const edit of edits) {
    const changed = textWith(text, edit);
    if (typeof changed !== 'string')
      return {
        ok: false,
        problems: [
          {
            code: 'value-unclear',
            message: `${edit.path.join('.')} cannot be changed for you: ${changed.refused}.`,
            where: file,
            hint: edit.value === null ? 'Take it out of the file by hand.' : 'Change it in the file by hand.',
          },
        ],
      };
    text = changed;
  }
  return { ok: true, value: mark + text === before ? [] : [{ path: file, text: mark + text }] };
}

/** One value set or removed; refused where the text then would not mean exactly that. */
function textWith(text: string, { path, value }: DefinitionEdit): string | Refused {
  const document = read(text);
  const changes = changesFor({ text, path, value }, { map: document.contents, section: null });
  if ('refused' in changes) return changes;
  if (changes.length === 0) return text;
  const changed = applyEdits(text, changes);
  const after = read(changed);
  const meant =
    after.errors.length === 0 && isDeepStrictEqual(after.toJS(), withValue(document.toJS(), path, value));
  return meant ? changed : { refused: 'the file is written in a way that would change something else too' };
}

/** As definitions are read. */
const read = (text: string) => parseDocument(text, { merge: true, logLevel: 'silent' });

interface Wanted extends DefinitionEdit {
  readonly text: string;
}
interface Level {
  readonly map: unknown;
  /** The entry this map is the value of; null for the whole file. */
  readonly section: Pair | null;
}

function changesFor(wanted: Wanted, { map, section }: Level): readonly Change[] | Refused {
  const { path, value } = wanted;
  const [key = '', ...rest] = path;
  if (section !== null && isEmpty(map)) return value === null ? [] : firstOf(wanted, section);
  if (!isMap(map)) return { refused: 'what it belongs to is not written as a section' };
  const found = map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
  if (found === undefined) return value === null ? [] : added(wanted, map);
  if (rest.length > 0) return changesFor({ ...wanted, path: rest }, { map: found.value, section: found });
  return value === null ? removed(wanted, { map, section, pair: found }) : replaced(wanted, found);
}

/** `dns:` and `dns: {}` */
function isEmpty(value: unknown): boolean {
  return isScalar(value)
    ? value.value === null && value.source === ''
    : isMap(value) && value.items.length === 0;
}

/** The first entry of an empty section, below its name. */
function firstOf({ text, path, value }: Wanted, section: Pair): readonly Change[] {
  const colon = afterColon(text, section);
  const end = endOf(section);
  const at = lineEnd(text, end);
  const indent = indentOf(text, section) + stepOf(text);
  return [
    { from: colon, to: Math.max(colon, /^\s*\{/.test(text.slice(colon, end)) ? end : colon), text: '' },
    lineAt(text, at, linesFor({ path, value }, indent, stepOf(text))),
  ];
}

/** A new entry behind the last one of its section. */
function added({ text, path, value }: Wanted, map: YAMLMap): readonly Change[] | Refused {
  const [first] = map.items;
  if (first === undefined || map.flow === true)
    return { refused: 'its section is written on one line, in braces' };
  const indent = indentOf(text, first);
  const at = lineEnd(text, endOf(map));
  const lines = linesFor({ path, value }, indent, stepOf(text));
  // Sections that stand apart get one that does too.
  const apart = indent === '' && path.length > 1 && isBlankAt(text, at) && hasGaps(text, map);
  return [lineAt(text, at, apart ? ['', ...lines] : lines)];
}

function replaced({ text, value }: Wanted, pair: Pair): readonly Change[] | Refused {
  const node = pair.value;
  if (isAlias(node)) return { refused: 'it is an alias of something else in the file' };
  if (!isScalar(node) || node.range === undefined || node.range === null)
    return { refused: 'a whole section has that name' };
  if (node.value === value) return [];
  const [from, to] = node.range;
  const raw = text.slice(from, to);
  if (raw.includes('\n')) return { refused: 'its value is written over several lines' };
  if (raw === '') {
    const colon = afterColon(text, pair);
    return [{ from: colon, to: colon, text: ` ${written(value, '')}` }];
  }
  return [{ from, to, text: written(value, raw) }];
}

interface Removal extends Level {
  readonly map: YAMLMap;
  readonly pair: Pair;
}

/** Its lines go; a section that is empty then stays as `{}`, since being there means something. */
function removed({ text }: Wanted, { map, section, pair }: Removal): readonly Change[] | Refused {
  if (map.flow === true) return { refused: 'its section is written on one line, in braces' };
  const to = lineEnd(text, endOf(pair));
  const start = lineStart(text, startOf(pair));
  const apart = section === null && isBlankAt(text, to);
  const from = withoutGap(text, start, { apart, last: to === text.length && !text.endsWith('\n') });
  const lines = { from, to, text: '' };
  if (section === null || map.items.length > 1) return [lines];
  const colon = afterColon(text, section);
  return [{ from: colon, to: colon, text: ' {}' }, lines];
}

/** The blank line above goes too where another follows; and the end of the line above where nothing does. */
function withoutGap(
  text: string,
  start: number,
  { apart, last }: { readonly apart: boolean; readonly last: boolean },
): number {
  const above = text.slice(0, start);
  const gap = apart ? (/\n\r?\n$/.exec(above)?.[0].length ?? 1) - 1 : 0;
  const kept = above.slice(0, above.length - gap);
  return last ? kept.replace(/\r?\n$/, '').length : kept.length;
}

/** `dns:` and below it `  ip: 192.168.40.20`. */
function linesFor({ path, value }: DefinitionEdit, indent: string, step: string): readonly string[] {
  return path.map((key, depth) => {
    const name = `${indent}${step.repeat(depth)}${written(key, '')}:`;
    return depth === path.length - 1 ? `${name} ${written(value, '')}` : name;
  });
}

/** A value as YAML: with the quotes that were there before, or with some only where it needs them. */
function written(value: DefinitionEdit['value'], before: string): string {
  if (typeof value !== 'string') return String(value);
  if (before.startsWith('"')) return JSON.stringify(value);
  if (before.startsWith("'") && !/[\r\n]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  const plain =
    !/[\r\n]/.test(value) && isDeepStrictEqual(read(`{ a: ${value} , b: 1 }`).toJS(), { a: value, b: 1 });
  return plain ? value : JSON.stringify(value);
}

/** Whole lines put in where one begins. */
function lineAt(text: string, at: number, lines: readonly string[]): Change {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const joined = lines.join(eol);
  return { from: at, to: at, text: at === 0 || text[at - 1] === '\n' ? joined + eol : eol + joined };
}

function withValue(before: unknown, path: readonly string[], value: DefinitionEdit['value']): unknown {
  const [key = '', ...rest] = path;
  const fields: Readonly<Record<string, unknown>> = { ...(before ?? {}) };
  if (rest.length > 0) return { ...fields, [key]: withValue(fields[key], rest, value) };
  return value === null
    ? Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key))
    : { ...fields, [key]: value };
}
