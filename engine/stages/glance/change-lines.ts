import { ProblemError } from '../../problems.ts';
import type { Sources } from './compose.ts';
import { type Dashboard, placeOf, readDashboard } from './dashboard.ts';
import { containerMark, formerMark } from './entry-text.ts';
import { joinLines, type Splice, splice, splitLines } from './lines.ts';
import type { Listing, ListPlace } from './listings.ts';

/** Where in a list something is put: at its end, or at the place it had. */
export type Spot = { readonly index: number; readonly gap: number } | null;

/** Replaces lines of one file. */
export function changeFile(sources: Sources, file: string, change: Splice): Sources {
  const text = joinLines(splice(splitLines(sources.texts.get(file) ?? ''), change));
  return { ...sources, texts: new Map(sources.texts).set(file, text) };
}

/** The configuration, or the words why it cannot be edited. */
export function readOrRefuse(sources: Sources): Dashboard {
  const reading = readDashboard(sources);
  if (reading.ok) return reading.dashboard;
  throw new ProblemError({
    code: 'dashboard-invalid',
    message: `Glance's configuration cannot be edited: ${reading.fault}.`,
    where: sources.main,
    hint: 'Correct the configuration by hand, then plan again.',
  });
}

/** A change of one file's lines. */
export interface Change extends Splice {
  readonly file: string;
}
interface Inserting {
  /** Gives the lines for an indentation. */
  readonly linesAt: (indent: number) => readonly string[];
  readonly spot: Spot;
}

/** Puts an item into a list. */
export function insertItem(dashboard: Dashboard, listing: Listing, inserting: Inserting): Sources {
  const change = planInsert(dashboard, listing, inserting);
  return changeFile(dashboard.sources, change.file, change);
}

/** Where an item of a list is to be put. Throws where that takes more than single lines. */
export function planInsert(dashboard: Dashboard, listing: Listing, { linesAt, spot }: Inserting): Change {
  const { place } = listing;
  switch (place.kind) {
    case 'block': {
      const after = lineBefore(dashboard, { ...listing, place }, spot);
      return put(dashboard, after, linesAt, place.dash);
    }
    case 'empty': {
      const gap = fillersAfter(dashboard, place.keyLine, spot?.gap ?? 0);
      return put(dashboard, { line: place.keyLine + gap, before: false }, linesAt, place.keyColumn + 2);
    }
    case 'written-empty': {
      const { file, line, indent } = originOf(dashboard, place.line);
      const text = splitLines(dashboard.sources.texts.get(file) ?? '')[line]?.text ?? '';
      const column = place.column - indent.length;
      const marked = text.slice(0, column) + formerMark + text.slice(column);
      const inner = linesAt(place.keyColumn + 2 - indent.length);
      return { file, at: line, remove: 1, insert: [marked, ...inner] };
    }
    case 'missing': {
      const key = (indent: number): readonly string[] => [
        `${' '.repeat(indent)}${place.key}: ${containerMark}`,
        ...linesAt(indent + 2),
      ];
      return put(dashboard, { line: place.last, before: false }, key, place.keyColumn);
    }
    case 'brackets':
      throw new ProblemError(bracketsProblem(dashboard, listing, place.line));
  }
}

/** Why a list in brackets is left alone. */
export function bracketsProblem({ composed }: Dashboard, { role, title }: Listing, line: number) {
  const where = placeOf(composed, line);
  return {
    code: 'conflict' as const,
    message: `The list of ${role}${title === '' ? '' : ` of “${title}”`} is written in brackets at ${where}, where no single line can be added.`,
    where,
    hint: 'Write it over several lines, one dash each, then plan again.',
  };
}

interface BlockListing extends Listing {
  readonly place: Extract<ListPlace, { kind: 'block' }>;
}
interface Anchor {
  readonly line: number;
  /** Above that line rather than below it. */
  readonly before: boolean;
}

function lineBefore(dashboard: Dashboard, { items, place }: BlockListing, spot: Spot): Anchor {
  if (spot === null) {
    const least = place.keyColumn < place.dash ? place.dash : place.dash + 1;
    return { line: commentsAfter(dashboard, items.at(-1)?.last ?? place.keyLine, least), before: false };
  }
  const index = Math.min(spot.index, items.length);
  const next = items[index];
  const previous = items[index - 1]?.last ?? place.keyLine;
  if (next !== undefined && !areNeighbours(dashboard, previous, next.first))
    return { line: next.first, before: true };
  return { line: previous + fillersAfter(dashboard, previous, spot.gap), before: false };
}

/** Both lines are in one file with nothing included between them. */
function areNeighbours({ composed }: Dashboard, a: number, b: number): boolean {
  const [one, other] = [composed.origins[a], composed.origins[b]];
  return a < b && one?.file === other?.file && (other?.line ?? 0) - (one?.line ?? 0) === b - a;
}

/** Comments right below the last item that stand as deep as it belong to it, or are items somebody put aside. */
function commentsAfter(dashboard: Dashboard, line: number, least: number): number {
  let end = line;
  for (;;) {
    const [indent] = /^ *(?=#)/.exec(dashboard.lines[end + 1] ?? '') ?? [];
    if (indent === undefined || indent.length < least || !areNeighbours(dashboard, end, end + 1)) return end;
    end += 1;
  }
}

/** How many of the `wanted` lines below are still comments and blank lines. */
function fillersAfter(dashboard: Dashboard, line: number, wanted: number): number {
  let count = 0;
  while (
    count < wanted &&
    /^\s*(?:#.*)?$/.test(dashboard.lines[line + count + 1] ?? 'x') &&
    areNeighbours(dashboard, line + count, line + count + 1)
  )
    count += 1;
  return count;
}

function put(
  dashboard: Dashboard,
  { line, before }: Anchor,
  linesAt: (indent: number) => readonly string[],
  column = 0,
): Change {
  const origin = originOf(dashboard, line);
  const indent = Math.max(0, column - origin.indent.length);
  const at = before ? origin.line : origin.line + 1;
  return { file: origin.file, at, remove: 0, insert: linesAt(indent) };
}

function originOf({ composed }: Dashboard, line: number) {
  const origin = composed.origins[line];
  if (origin === undefined) throw new Error(`the configuration has no line ${line}`);
  return origin;
}
