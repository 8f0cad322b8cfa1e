import { createHash } from 'node:crypto';
import type { Tile } from '../../types.ts';
import { escapeTemplates } from './templates.ts';

export type TileKind = 'bookmark' | 'monitor';

/** The comment by which an entry is ours, with the service it belongs to. */
export const entryMark = /\s#\s*sentinel:([A-Za-z0-9._-]+)\s*$/;
/** The lines of an entry begin with one that carries a mark. */
export const isMarked = (text: string): boolean => entryMark.test(text.split('\n')[0] ?? '');
/** The comment of what we had to make around our entries. */
export const containerMark = '# sentinel, goes when empty';
/** Stands before what an empty list was written as, so that it can be written so again. */
export const formerMark = '# sentinel, was: ';

/** The lines of a service's entry, without indentation. Null: the definition wants none. */
export function renderEntry(service: string, kind: TileKind, tile: Tile | null): string | null {
  if (tile === null) return null;
  const lines = kind === 'bookmark' ? bookmarkLines(tile.bookmark) : monitorLines(tile.monitor);
  if (lines === null) return null;
  return lines
    .map((line, index) => (index === 0 ? `- ${line} # sentinel:${service}` : `  ${line}`))
    .join('\n');
}

function bookmarkLines(bookmark: Tile['bookmark']): readonly string[] | null {
  if (bookmark === null) return null;
  return [
    `title: ${quote(bookmark.title)}`,
    `url: ${quote(bookmark.url)}`,
    ...optional('description', bookmark.description),
    ...optional('icon', bookmark.icon),
  ];
}

function monitorLines(monitor: Tile['monitor']): readonly string[] | null {
  if (monitor === null) return null;
  const codes = monitor.alsoHealthy;
  return [
    `title: ${quote(monitor.title)}`,
    `url: ${quote(monitor.url)}`,
    `check-url: ${quote(monitor.checkUrl)}`,
    ...optional('icon', monitor.icon),
    ...(codes.length === 0 ? [] : [`alt-status-codes: [${codes.join(', ')}]`]),
  ];
}

const optional = (key: string, value: string | null): readonly string[] =>
  value === null || value === '' ? [] : [`${key}: ${quote(value)}`];

/** Words that older readers of YAML take for something else than text. */
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** A value that every reader of YAML takes for this text, and Glance for no template. */
export function quote(value: string): string {
  const text = escapeTemplates(value);
  const address = /^https?:\/\/[A-Za-z0-9._~/?=&%+@:-]*[A-Za-z0-9/]$/.test(text);
  const name = /^[A-Za-z](?:[A-Za-z0-9 ._()/+-]*[A-Za-z0-9._()/+-])?$/.test(text) && !words.test(text);
  const icon = /^[a-z]{2,3}:[a-z0-9.-]+$/.test(text);
  if (address || name || icon) return text;
  if (!/[\p{Cc}\u2028\u2029\ufeff]/u.test(text)) return `'${text.replaceAll("'", "''")}'`;
  const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value)
    .replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped)
    .replaceAll('${', '$\\u007b');
}

/** Hex sha256, under which lines are kept on the host. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The empty form of what we make around entries, without indentation. */
export function containerLines(
  kind: 'page' | 'column' | 'bookmarks' | 'monitor' | 'group',
  title: string,
): readonly string[] {
  switch (kind) {
    case 'page':
      return [`- name: ${quote(title)} ${containerMark}`, '  columns:', '    - size: full', '      widgets:'];
    case 'column':
      return [`- size: full ${containerMark}`, '  widgets:'];
    case 'bookmarks':
      return [`- type: bookmarks ${containerMark}`, '  groups:'];
    case 'monitor':
      return [`- type: monitor ${containerMark}`, `  title: ${quote(title)}`, '  sites:'];
    case 'group':
      return [`- title: ${quote(title)} ${containerMark}`, '  links:'];
  }
}
