import type { TileState } from '../../types.ts';
import type { TileEntry } from './entries.ts';
import { hashOf, type TileKind } from './entry-text.ts';
import { formatKept } from './kept-entry.ts';
import { veiled } from './veiled.ts';

export interface OurEntry {
  readonly service: string;
  readonly kind: TileKind;
  /** As its last deployment left it. */
  readonly left: TileState | null;
  /** As its definition says it. */
  readonly text?: string | null;
}

/** The entry of a service: the one with its mark, or the one its last deployment left and somebody took the mark off. */
export function ourEntry(
  entries: readonly TileEntry[],
  { service, kind, left, text = null }: OurEntry,
): TileEntry | undefined {
  const marked = entries.filter((entry) => entry.service === service && entry.kind === kind);
  const there = (entry: TileEntry): boolean =>
    entry.listing.title === left?.list && entry.listing.page?.name === left.page;
  const asLeft = ({ kept }: TileEntry): boolean =>
    kept.text === text || hashOf(kept.text) === left?.content || hashOf(formatKept(kept)) === left?.content;
  // People copy our lines to start from: the original is ours rather than the copy.
  return (
    marked.find((entry) => there(entry) && asLeft(entry)) ??
    marked.find(there) ??
    marked.find(asLeft) ??
    marked[0] ??
    entries.find(
      (entry) =>
        entry.kind === kind &&
        entry.service === null &&
        there(entry) &&
        entry.values.title === left?.title &&
        veiled(entry.values.url) === veiled(left.url),
    )
  );
}

/** An entry as a step names it. */
export function stateOf(entry: TileEntry): TileState {
  const { kind, file, listing, values, kept, index } = entry;
  return {
    kind,
    file,
    page: listing.page?.name ?? '',
    list: listing.title,
    title: values.title,
    url: veiled(values.url),
    content: hashOf(formatKept(kept)),
    index,
  };
}

/** Another entry of that title in the same list. */
export function namesake(
  entries: readonly TileEntry[],
  own: TileEntry | undefined,
  { kind, page, list, title }: Pick<TileState, 'kind' | 'page' | 'list' | 'title'>,
): TileEntry | undefined {
  const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();
  return entries.find(
    (entry) =>
      entry !== own &&
      entry.kind === kind &&
      entry.listing.page?.name === page &&
      same(entry.listing.title, list) &&
      same(entry.values.title, title),
  );
}

/** It stands in the list that is meant. */
export function standsIn({ listing }: TileEntry, { page, list }: Pick<TileState, 'page' | 'list'>): boolean {
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  return same(listing.title, list) && same(listing.page?.name ?? '', page);
}
