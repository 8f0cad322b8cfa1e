import { setImmediate } from 'node:timers/promises';
import type { Scope, ScopedService, Survey } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { GlanceSystem, Risk, StepOf, Tile, TileState } from '../../types.ts';
import type { Dashboard } from './dashboard.ts';
import { fileFor } from './edit.ts';
import { entriesOf, type TileEntry } from './entries.ts';
import { hashOf, renderEntry, type TileKind } from './entry-text.ts';
import { kindWords, makeStep, targetOf, valuesOf } from './make-step.ts';
import { findList, pageOf } from './find-list.ts';
import { formatKept } from './kept-entry.ts';
import { type Listing, listingsOf } from './listings.ts';
import { namesake, ourEntry } from './ours.ts';
import { placeOf } from './dashboard.ts';

interface Looking {
  readonly system: GlanceSystem;
  readonly dashboard: Dashboard;
  readonly listings: readonly Listing[];
  readonly entries: readonly TileEntry[];
}
interface Decision {
  readonly step?: StepOf<'glance'>;
  readonly risk?: Risk;
  readonly proof?: string;
}

/** Compares what the dashboard has with what the definitions want. Pure. */
export async function decideTiles(
  scope: Scope,
  system: GlanceSystem,
  dashboard: Dashboard,
): Promise<Survey<'glance'>> {
  const looking = { system, dashboard, listings: listingsOf(dashboard), entries: entriesOf(dashboard) };
  const decided: { readonly name: string; readonly decisions: readonly Decision[] }[] = [];
  for (const scoped of scope.services) {
    const decisions = (['bookmark', 'monitor'] as const).map((kind) => decideOne(scoped, kind, looking));
    decided.push({ name: scoped.name, decisions });
    // Nobody else has to wait for a long list of services.
    await setImmediate();
  }
  const all = decided.flatMap(({ decisions }) => decisions);
  return {
    steps: all.flatMap(({ step }) => step ?? []),
    risks: all.flatMap(({ risk }) => risk ?? []),
    proofs: Object.fromEntries(
      decided.map(({ name, decisions }) => [name, decisions.flatMap(({ proof }) => proof ?? [])] as const),
    ),
    diff: '',
    problems: [],
  };
}

function decideOne(scoped: ScopedService, kind: TileKind, looking: Looking): Decision {
  const { name, service } = scoped;
  const tile = scoped.want === 'absent' ? null : service.tile;
  const left = leftOf(scoped, kind);
  const last = renderEntry(name, kind, service.tile);
  const text = tile === null ? null : last;
  const found = ourEntry(looking.entries, { service: name, kind, left, text: last });
  if (text === null || tile === null)
    return found === undefined ? {} : decideRemoval(scoped, { kind, found, left }, looking);
  const wanted = wantedState(tile, { kind, text, found }, looking);
  if ('risk' in wanted) return { risk: { ...wanted.risk, service: name } };
  const { after } = wanted;
  const other = namesake(looking.entries, found, after);
  if (other !== undefined) return { risk: conflictWith(name, after, { other, looking }) };
  if (found !== undefined && found.kept.text === text && isIn(found, after))
    return { proof: `the ${kindWords[kind]} ${after.title} is in ${after.list}` };
  return {
    step: makeStep(
      name,
      { kind, found: found ?? null, after, values: valuesOf(tile, kind) },
      looking.system.host,
    ),
  };
}

function leftOf({ owned, name }: ScopedService, kind: TileKind): TileState | null {
  const target = targetOf(name, kind);
  const step = owned.find((one) => one.stage === 'glance' && one.target === target);
  return step?.stage === 'glance' ? step.after : null;
}

const isIn = ({ listing }: TileEntry, { page, list }: TileState): boolean =>
  listing.title === list && listing.page?.name === page;

interface Leaving {
  readonly kind: TileKind;
  readonly found: TileEntry;
  readonly left: TileState | null;
}

function decideRemoval({ name, service }: ScopedService, leaving: Leaving, looking: Looking): Decision {
  const { kind, found, left } = leaving;
  const hashes = [hashOf(found.kept.text), hashOf(formatKept(found.kept))];
  // Without a record only the definition tells: the mark may stand on a copy that somebody made of our lines.
  const asLeft =
    (left !== null && hashes.includes(left.content)) ||
    found.kept.text === renderEntry(name, kind, service.tile);
  if (asLeft)
    return { step: makeStep(name, { kind, found, after: null, values: null }, looking.system.host) };
  const place = `${found.file}:${found.first + 1}`;
  if (left === null)
    return {
      risk: {
        code: 'system-left',
        service: name,
        message:
          `The ${kindWords[kind]} “${found.values.title}” at ${place} carries the mark of ${name}, but no deployment on record wrote it so, and it is left there. ` +
          'Remove it by hand when nobody needs it.',
        alwaysApprove: false,
      },
    };
  return {
    risk: {
      code: 'conflict',
      service: name,
      message:
        `The ${kindWords[kind]} “${found.values.title}” at ${place} was changed by hand since Sentinel wrote it, so it is left there. ` +
        'Remove it by hand when nobody needs it.',
      alwaysApprove: false,
    },
  };
}

interface Wanting {
  readonly kind: TileKind;
  readonly text: string;
  readonly found: TileEntry | undefined;
}

/** Where the entry will stand and what it will say, or why it cannot. */
function wantedState(
  tile: Tile,
  { kind, text, found }: Wanting,
  { dashboard, listings }: Looking,
): { readonly after: TileState } | { readonly risk: Omit<Risk, 'service'> } {
  const { title, url } = valuesOf(tile, kind);
  const wish = listNamed(tile, kind);
  const listing = findList(listings, { kind, page: tile.page, list: wish });
  const page = pageOf(listings, tile.page) ?? tile.page ?? 'Home';
  const list = listing?.title ?? wish;
  const state = { kind, page, list, title, url, content: hashOf(text) };
  if (found !== undefined && found.listing === listing)
    return { after: { ...state, file: found.file, index: found.index } };
  try {
    return { after: { ...state, file: fileFor(dashboard, { kind, page, list }), index: null } };
  } catch (error) {
    const { message, hint } = toProblem(error);
    const words = `${message}${hint === undefined ? '' : ` ${hint}`}`;
    return { risk: { code: 'conflict', message: words, alwaysApprove: false } };
  }
}

const listNamed = ({ bookmark, monitor }: Tile, kind: TileKind): string =>
  (kind === 'bookmark' ? bookmark?.group : monitor?.widget) ?? '';

function conflictWith(
  service: string,
  { kind, title, list }: TileState,
  { other, looking }: { readonly other: TileEntry; readonly looking: Looking },
): Risk {
  const item = other.listing.items[other.index];
  const where = placeOf(looking.dashboard.composed, item?.first ?? 0);
  const whose = other.service === null ? 'that Sentinel did not make' : `of ${other.service}`;
  return {
    code: 'conflict',
    service,
    message:
      `“${list}” on the dashboard has an entry “${title}” ${whose} (${where}), so no ${kindWords[kind]} is added. ` +
      `Remove it there, or give ${service} another title.`,
    alwaysApprove: false,
  };
}
