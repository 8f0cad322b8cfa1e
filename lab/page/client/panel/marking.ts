import type { RowView, SystemView } from '../../view.ts';

/** A row with what just happened to it. */
export interface MarkedRow extends RowView {
  readonly mark: 'new' | 'changed' | 'gone' | null;
  /** Until when the mark is shown. */
  readonly until: number;
}
/** The rows of every system, by its id. */
export type Marks = Readonly<Record<string, readonly MarkedRow[]>>;

const SHOWN_MS = 6000;

/** What is new, changed or gone since the last look; marks of before stay for their time. */
export function markSystems(before: Marks | null, systems: readonly SystemView[], now: number): Marks {
  return Object.fromEntries(
    systems.map((system) => {
      const known = before?.[system.id];
      // A system that cannot be asked has not lost anything.
      if (system.state === 'down' && system.rows.length === 0) return [system.id, known ?? []];
      return [system.id, known === undefined ? system.rows.map(quiet) : markRows(known, system.rows, now)];
    }),
  );
}

/** When the next mark ends; null when there is none. */
export function nextEnd(marks: Marks): number | null {
  const ends = Object.values(marks).flatMap((rows) =>
    rows.filter(({ mark }) => mark !== null).map(({ until }) => until),
  );
  return ends.length === 0 ? null : Math.min(...ends);
}

function quiet(row: RowView): MarkedRow {
  return { ...row, mark: null, until: 0 };
}

function markRows(before: readonly MarkedRow[], rows: readonly RowView[], now: number): readonly MarkedRow[] {
  const marked = rows.map((row) => markRow(row, { before, now }));
  const gone = before.filter(
    ({ key, mark, until }) => !rows.some((row) => row.key === key) && (mark !== 'gone' || until > now),
  );
  return gone.reduce<readonly MarkedRow[]>((all, row) => putBack(all, { row, before, now }), marked);
}

interface Then {
  readonly before: readonly MarkedRow[];
  readonly now: number;
}

function markRow(row: RowView, { before, now }: Then): MarkedRow {
  const old = before.find(({ key }) => key === row.key);
  if (old === undefined || old.mark === 'gone') return { ...row, mark: 'new', until: now + SHOWN_MS };
  if (old.text !== row.text || old.detail !== row.detail || old.tone !== row.tone)
    return { ...row, mark: old.mark === 'new' && old.until > now ? 'new' : 'changed', until: now + SHOWN_MS };
  return old.until > now ? { ...row, mark: old.mark, until: old.until } : quiet(row);
}

/** A row that vanished stays for a while behind the one it stood behind. */
function putBack(
  rows: readonly MarkedRow[],
  { row, before, now }: Then & { readonly row: MarkedRow },
): readonly MarkedRow[] {
  const above = before[before.indexOf(row) - 1];
  const place = rows.findIndex(({ key }) => key === above?.key) + 1;
  const until = row.mark === 'gone' ? row.until : now + SHOWN_MS;
  return [...rows.slice(0, place), { ...row, mark: 'gone', until }, ...rows.slice(place)];
}
