import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { StepOf, TileState } from '../../types.ts';
import { readOrRefuse } from './change-lines.ts';
import type { Sources } from './compose.ts';
import { addEntry, removeEntry, replaceEntry } from './edit.ts';
import { entriesOf, type TileEntry } from './entries.ts';
import { entryMark } from './entry-text.ts';
import { formatKept, type KeptEntry } from './kept-entry.ts';
import { namesake, ourEntry } from './ours.ts';
import { proveEdit } from './prove-edit.ts';

/** The configuration with a batch of steps made true. */
export interface Applied {
  readonly sources: Sources;
  /** Lines that are taken out, to be kept on the host. */
  readonly keep: readonly string[];
  /** By step id; the others can be made true. */
  readonly failures: ReadonlyMap<string, Problem>;
  readonly changed: ReadonlySet<string>;
}

/** Makes each step true in the texts; one that cannot be leaves them as they were. Pure. */
export function applySteps(
  sources: Sources,
  steps: readonly StepOf<'glance'>[],
  textOf: (step: StepOf<'glance'>) => KeptEntry | null,
): Applied {
  const failures = new Map<string, Problem>();
  const changed = new Set<string>();
  const keep: string[] = [];
  let now = sources;
  for (const step of steps.toSorted((a, b) => rank(a) - rank(b))) {
    try {
      const result = applyStep(now, step, textOf(step));
      if (result.sources === now) continue;
      proveEdit(now, result.sources, result.unmarked);
      now = result.sources;
      keep.push(...result.keep);
      changed.add(step.id);
    } catch (error) {
      failures.set(step.id, toProblem(error));
    }
  }
  return { sources: now, keep, failures, changed };
}

/** What leaves goes first, so that titles are free; what comes back does so from the top, so that places are right. */
const rank = ({ after }: StepOf<'glance'>): number => (after === null ? -1 : (after.index ?? Infinity));

interface Result {
  readonly sources: Sources;
  readonly keep: readonly string[];
  /** Lines of the entry that carry no mark. */
  readonly unmarked: readonly string[];
}

function applyStep(sources: Sources, step: StepOf<'glance'>, entry: KeptEntry | null): Result {
  const { service, before, after } = step;
  const entries = entriesOf(readOrRefuse(sources));
  const kind = (after ?? before)?.kind ?? 'bookmark';
  const found = ourEntry(entries, { service, kind, left: before });
  const texts = [found?.kept, entry].flatMap((one) => one?.text ?? []);
  const unmarked = texts.filter((text) => !isMarked(text));
  const keep = found === undefined ? [] : [formatKept(found.kept)];
  if (after === null)
    return { sources: found === undefined ? sources : removeEntry(sources, found), keep, unmarked };
  if (entry === null) throw new ProblemError(goneProblem(step, after));
  const other = namesake(entries, found, after);
  if (other !== undefined) throw new ProblemError(namesakeProblem(after, other.file, other.first + 1));
  return { sources: written(sources, { found, after, entry }), keep, unmarked };
}

interface Writing {
  readonly found: TileEntry | undefined;
  readonly after: TileState;
  readonly entry: KeptEntry;
}

/** In place where it stands in the right list; else taken out there and put in here. */
function written(sources: Sources, { found, after, entry }: Writing): Sources {
  const { kind, page, list, index } = after;
  const at = found?.listing;
  if (found !== undefined && sameName(at?.title ?? '', list) && sameName(at?.page?.name ?? '', page))
    return found.kept.text === entry.text ? sources : replaceEntry(sources, found, entry);
  const without = found === undefined ? sources : removeEntry(sources, found);
  const spot = index === null ? null : { index, gap: entry.gap };
  return addEntry(without, { kind, page, list }, { entry, spot });
}

const isMarked = (text: string): boolean => entryMark.test(text.split('\n')[0] ?? '');
const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function goneProblem({ target }: StepOf<'glance'>, { file }: TileState): Problem {
  return {
    code: 'conflict',
    message: `The lines of ${target} are no longer kept on the host, so they cannot be put back into ${file}.`,
    hint: 'Deploy the service again to have the entry written anew.',
  };
}

function namesakeProblem({ list, title }: TileState, file: string, line: number): Problem {
  return {
    code: 'conflict',
    message: `“${list}” has another entry “${title}” by now (${file}:${line}), so none was added.`,
    where: `${file}:${line}`,
    hint: 'Remove it there, or choose another title, then plan again.',
  };
}
