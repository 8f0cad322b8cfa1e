import type { ShownChange, StepOf, Tile, TileState } from '../../types.ts';
import type { EntryValues, TileEntry } from './entries.ts';
import type { TileKind } from './entry-text.ts';
import { stateOf } from './ours.ts';
import { veiled, veiledIn } from './veiled.ts';

/** Words for a kind of entry. */
export const kindWords: Readonly<Record<TileKind, string>> = {
  bookmark: 'bookmark',
  monitor: 'monitor entry',
};
export const targetOf = (service: string, kind: TileKind): string => `${service}'s ${kindWords[kind]}`;

/** What an entry of that definition says. */
export function valuesOf(tile: Tile, kind: TileKind): EntryValues {
  return kind === 'bookmark' ? bookmarkValues(tile.bookmark) : monitorValues(tile.monitor);
}

const nothing: EntryValues = {
  title: '',
  url: '',
  description: null,
  icon: null,
  checkUrl: null,
  codes: null,
};

function bookmarkValues(bookmark: Tile['bookmark']): EntryValues {
  if (bookmark === null) return nothing;
  const { title, url, description, icon } = bookmark;
  return { ...nothing, title, url, description, icon };
}

function monitorValues(monitor: Tile['monitor']): EntryValues {
  if (monitor === null) return nothing;
  const { title, url, icon, checkUrl, alsoHealthy } = monitor;
  return {
    ...nothing,
    title,
    url,
    icon,
    checkUrl,
    codes: alsoHealthy.length === 0 ? null : alsoHealthy.join(', '),
  };
}

export interface Making {
  readonly kind: TileKind;
  readonly found: TileEntry | null;
  readonly after: TileState | null;
  readonly values: EntryValues | null;
}

/** A step from what stands there to what is wanted. */
export function makeStep(
  service: string,
  { kind, found, after, values }: Making,
  system: string,
): StepOf<'glance'> {
  const before = found === null ? null : stateOf(found);
  const changes = changesOf({ before, after }, found?.values ?? null, values);
  return {
    id: `glance ${service} ${kind}`,
    stage: 'glance',
    service,
    system,
    target: targetOf(service, kind),
    cause: causeOf(kind, { before, after }, changes),
    changes,
    before,
    after,
  };
}

interface Sides {
  readonly before: TileState | null;
  readonly after: TileState | null;
}

function causeOf(kind: TileKind, { before, after }: Sides, changes: readonly ShownChange[]): string {
  if (before === null) return `no ${kindWords[kind]} yet`;
  if (after === null) return `its ${kindWords[kind]} is no longer wanted`;
  return `${changes.map(({ what }) => what).join(', ')} of its ${kindWords[kind]} ${changes.length === 1 ? 'differs' : 'differ'}`;
}

const shown = [
  ['title', 'title'],
  ['url', 'url'],
  ['description', 'description'],
  ['icon', 'icon'],
  ['check-url', 'checkUrl'],
  ['alt-status-codes', 'codes'],
] as const;

/** People write keys into addresses; what a definition says is in Git for all to read already. */
const asShown = (what: string, observed: string | null): string | null => {
  if (observed === null) return null;
  return what === 'url' || what === 'check-url' ? veiled(observed) : veiledIn(observed);
};

/** One line for each thing that differs, in words that `adopt` knows again. */
function changesOf(
  { before, after }: Sides,
  was: EntryValues | null,
  will: EntryValues | null,
): readonly ShownChange[] {
  const container = [before?.kind, after?.kind].includes('monitor') ? 'widget' : 'group';
  const pairs = [
    ...shown.map(([what, key]) => [what, was?.[key] ?? null, will?.[key] ?? null] as const),
    [container, before?.list ?? null, after?.list ?? null] as const,
    ['page', before?.page ?? null, after?.page ?? null] as const,
  ];
  const changes = pairs.flatMap(([what, from, to]): readonly ShownChange[] =>
    from === to ? [] : [{ what, before: asShown(what, from), after: to }],
  );
  return changes.length > 0
    ? changes
    : [{ what: 'lines', before: 'written another way', after: 'as Sentinel writes them' }];
}
