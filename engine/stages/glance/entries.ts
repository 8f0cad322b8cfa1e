import { type Dashboard, textOf } from './dashboard.ts';
import { entryMark, type TileKind } from './entry-text.ts';
import { type KeptEntry, keptOf } from './kept-entry.ts';
import { type Line, splitLines } from './lines.ts';
import { type Item, type Listing, listingsOf } from './listings.ts';

/** One bookmark or monitored site that stands in a configuration. */
export interface TileEntry {
  readonly kind: TileKind;
  /** The service whose mark it carries; null: not ours. */
  readonly service: string | null;
  readonly listing: Listing;
  readonly index: number;
  readonly file: string;
  /** Number of its first line in that file, from 0, and how many it has. */
  readonly first: number;
  readonly count: number;
  readonly kept: KeptEntry;
  readonly values: EntryValues;
}
export interface EntryValues {
  readonly title: string;
  readonly url: string;
  readonly description: string | null;
  readonly icon: string | null;
  readonly checkUrl: string | null;
  /** Codes besides 200, in words. */
  readonly codes: string | null;
}

/** All entries whose lines stand together in one file. */
export function entriesOf(dashboard: Dashboard): readonly TileEntry[] {
  const entries = known.get(dashboard) ?? findEntries(dashboard);
  known.set(dashboard, entries);
  return entries;
}

const known = new WeakMap<Dashboard, readonly TileEntry[]>();

function findEntries(dashboard: Dashboard): readonly TileEntry[] {
  const files = new Map<string, readonly Line[]>();
  const linesIn = (file: string): readonly Line[] => {
    const known = files.get(file) ?? splitLines(dashboard.sources.texts.get(file) ?? '');
    files.set(file, known);
    return known;
  };
  return listingsOf(dashboard).flatMap((listing) => {
    if (listing.role !== 'links' && listing.role !== 'sites') return [];
    return listing.items.flatMap((item, index) => {
      const entry = entryAt(dashboard, { listing, item, index }, linesIn);
      return entry === null ? [] : [entry];
    });
  });
}

interface Standing {
  readonly listing: Listing;
  readonly item: Item;
  readonly index: number;
}

function entryAt(
  dashboard: Dashboard,
  { listing, item, index }: Standing,
  linesIn: (file: string) => readonly Line[],
): TileEntry | null {
  const range = physical(dashboard, item);
  if (range === null || item.mapping === null) return null;
  const lines = linesIn(range.file);
  const own = lines.slice(range.first, range.first + range.count);
  const { mapping } = item;
  const text = (key: string): string | null => textOf(dashboard, mapping, key);
  const gap = gapBefore(listing, index);
  return {
    kind: listing.role === 'links' ? 'bookmark' : 'monitor',
    service: entryMark.exec(own[0]?.text ?? '')?.[1] ?? null,
    listing,
    index,
    ...range,
    kept: keptOf(own, lines, gap),
    values: {
      title: text('title') ?? '',
      url: text('url') ?? '',
      description: text('description'),
      icon: text('icon'),
      checkUrl: text('check-url'),
      codes: codesOf(own),
    },
  };
}

const codesOf = (lines: readonly Line[]): string | null =>
  lines
    .map(({ text }) => /^\s*alt-status-codes:\s*\[(.*)\]\s*$/.exec(text)?.[1] ?? null)
    .find((codes) => codes !== null) ?? null;

function gapBefore({ items, place }: Listing, index: number): number {
  const item = items[index];
  if (item === undefined || place.kind !== 'block') return 0;
  const before = items[index - 1]?.last ?? place.keyLine;
  return before < item.first ? item.first - before - 1 : 0;
}

export interface Range {
  readonly file: string;
  readonly first: number;
  readonly count: number;
}

/** Where an item's lines are written; null: not together in one file. */
export function physical(
  { composed }: Dashboard,
  { first, last }: Pick<Item, 'first' | 'last'>,
): Range | null {
  const [start, end] = [composed.origins[first], composed.origins[last]];
  if (start === undefined || end === undefined || start.file !== end.file) return null;
  const count = last - first + 1;
  return end.line - start.line + 1 === count ? { file: start.file, first: start.line, count } : null;
}
