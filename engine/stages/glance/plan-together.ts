import type { StepOf } from '../../types.ts';
import { type Change, changeFile, planInsert } from './change-lines.ts';
import type { Sources } from './compose.ts';
import { type Dashboard, readDashboard } from './dashboard.ts';
import { planReplace } from './edit.ts';
import { entriesOf, type TileEntry } from './entries.ts';
import { isMarked } from './entry-text.ts';
import { findList } from './find-list.ts';
import { formatKept, type KeptEntry, linesOf } from './kept-entry.ts';
import { listingsOf } from './listings.ts';
import { namesake, ourEntry, standsIn } from './ours.ts';
import { sweep } from './sweep.ts';

interface Wish {
  readonly step: StepOf<'glance'>;
  readonly entry: KeptEntry | null;
}
/** The first so many steps made true, each of which changed something. */
export interface Together {
  readonly sources: Sources;
  readonly count: number;
  readonly keep: readonly string[];
  readonly unmarked: readonly string[];
}
interface Plan {
  readonly change: Change;
  readonly found: TileEntry | undefined;
}

/** Makes the first steps true that need no more than lines apart from each other's; null: the very first needs more. */
export function planTogether(sources: Sources, wishes: readonly Wish[]): Together | null {
  const reading = readDashboard(sources);
  if (!reading.ok) return null;
  const removing = wishes[0]?.step.after === null;
  const plans: Plan[] = [];
  const names = new Set<string>();
  for (const wish of wishes) {
    const name = nameOf(wish.step);
    // What leaves makes room for what comes, so they are not planned on one reading.
    if ((wish.step.after === null) !== removing || names.has(name)) break;
    const plan = planOne(reading.dashboard, wish);
    if (plan === null || plans.some(({ change }) => touches(change, plan.change))) break;
    names.add(name);
    plans.push(plan);
  }
  if (plans.length === 0) return null;
  const done = wishes.slice(0, plans.length);
  const kept = plans.flatMap(({ found }) => found?.kept ?? []);
  const texts = [...kept, ...done.flatMap(({ entry }) => entry ?? [])].map(({ text }) => text);
  const made = changeAll(
    sources,
    plans.map(({ change }) => change),
  );
  return {
    sources: removing ? sweep(made) : made,
    count: plans.length,
    keep: kept.map(formatKept),
    unmarked: texts.filter((text) => !isMarked(text)),
  };
}

/** Two steps of one name are about one thing, or about one title. */
function nameOf({ service, before, after }: StepOf<'glance'>): string {
  if (after === null) return `${before?.kind ?? ''} ${service}`;
  return JSON.stringify([after.kind, after.page, after.list, after.title].map((part) => part.toLowerCase()));
}

function planOne(dashboard: Dashboard, { step, entry }: Wish): Plan | null {
  const { service, before, after } = step;
  const entries = entriesOf(dashboard);
  const found = ourEntry(entries, { service, kind: (after ?? before)?.kind ?? 'bookmark', left: before });
  if (after === null) {
    if (found === undefined) return null;
    const { file, first, count } = found;
    return { found, change: { file, at: first, remove: count, insert: [] } };
  }
  if (entry === null || namesake(entries, found, after) !== undefined) return null;
  if (found !== undefined)
    return !standsIn(found, after) || found.kept.text === entry.text
      ? null
      : { found, change: planReplace(dashboard.sources, found, entry) };
  const listing = findList(listingsOf(dashboard), after);
  if (after.index !== null || listing?.place.kind !== 'block') return null;
  const linesAt = (indent: number): readonly string[] => linesOf(entry, indent);
  return { found, change: planInsert(dashboard, listing, { linesAt, spot: null }) };
}

/** Lines put in at one place do not touch; they come one after the other. */
function touches(a: Change, b: Change): boolean {
  if (a.file !== b.file) return false;
  if (a.remove > 0 && b.remove > 0) return a.at < b.at + b.remove && b.at < a.at + a.remove;
  const within = (inner: Change, outer: Change) => inner.at > outer.at && inner.at < outer.at + outer.remove;
  return within(a, b) || within(b, a);
}

/** From the end of each file, so that the numbers of the lines above stay what they are. */
function changeAll(sources: Sources, changes: readonly Change[]): Sources {
  const joined = new Map<string, Change>();
  // What is put in stands above what begins there.
  for (const change of changes.toSorted((a, b) => a.remove - b.remove)) {
    const key = `${change.at} ${change.file}`;
    const known = joined.get(key);
    const insert = [...(known?.insert ?? []), ...change.insert];
    joined.set(key, { ...change, insert, remove: (known?.remove ?? 0) + change.remove });
  }
  return [...joined.values()]
    .toSorted((a, b) => b.at - a.at)
    .reduce((now, change) => changeFile(now, change.file, change), sources);
}
