import type { TileState } from '../../types.ts';
import type { TileEntry } from './entries.ts';
import { hashOf, type TileKind } from './entry-text.ts';
import { formatKept } from './kept-entry.ts';

/** The entry of a service: the one with its mark, or the one its last deployment left and somebody took the mark off. */
export function ourEntry(
  entries: readonly TileEntry[],
  {
    service,
    kind,
    left,
  }: { readonly service: string; readonly kind: TileKind; readonly left: TileState | null },
): TileEntry | undefined {
  const marked = entries.filter((entry) => entry.service === service && entry.kind === kind);
  const there = (entry: TileEntry): boolean =>
    entry.listing.title === left?.list && entry.listing.page?.name === left.page;
  return (
    marked.find(there) ??
    marked[0] ??
    entries.find(
      (entry) =>
        entry.kind === kind &&
        entry.service === null &&
        there(entry) &&
        entry.values.title === left?.title &&
        entry.values.url === left.url,
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
    url: values.url,
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
