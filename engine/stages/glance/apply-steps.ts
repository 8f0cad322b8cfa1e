import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { StepOf, TileState } from '../../types.ts';
import { readOrRefuse } from './change-lines.ts';
import type { Sources } from './compose.ts';
import { addEntry, removeEntry, replaceEntry } from './edit.ts';
import { entriesOf, type TileEntry } from './entries.ts';
import { isMarked } from './entry-text.ts';
import { formatKept, type KeptEntry } from './kept-entry.ts';
import { namesake, ourEntry, standsIn } from './ours.ts';
import { planTogether } from './plan-together.ts';
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

/**
 * Makes each step true in the texts; one that cannot be leaves them as they were. Changes nothing else. It takes its time
 * on a large dashboard, so others have their turn in between.
 */
export async function applySteps(
  sources: Sources,
  steps: readonly StepOf<'glance'>[],
  textOf: (step: StepOf<'glance'>) => KeptEntry | null,
): Promise<Applied> {
  const ordered = steps
    .toSorted((a, b) => rank(a) - rank(b))
    .map((step): Wish => ({ step, entry: textOf(step) }));
  const { applied, unmarked } = await applyAll(sources, ordered, false);
  try {
    if (applied.sources !== sources) proveEdit(sources, applied.sources, unmarked);
    return applied;
  } catch {
    // One of them is the culprit: with a proof for each it is found, and the others are made true.
    return (await applyAll(sources, ordered, true)).applied;
  }
}

interface Wish {
  readonly step: StepOf<'glance'>;
  readonly entry: KeptEntry | null;
}

async function applyAll(
  sources: Sources,
  wishes: readonly Wish[],
  proving: boolean,
): Promise<{ readonly applied: Applied; readonly unmarked: readonly string[] }> {
  const failures = new Map<string, Problem>();
  const changed = new Set<string>();
  const keep: string[] = [];
  const unmarked: string[] = [];
  let now = sources;
  for (let next = 0; next < wishes.length;) {
    await nextTurn();
    // Those that do not touch each other are planned on one reading.
    const together = proving ? null : planTogether(now, wishes.slice(next));
    if (together !== null) {
      now = together.sources;
      for (const { step } of wishes.slice(next, next + together.count)) changed.add(step.id);
      keep.push(...together.keep);
      unmarked.push(...together.unmarked);
      next += together.count;
      continue;
    }
    const { step, entry } = wishes[next] ?? {};
    next += 1;
    if (step === undefined) continue;
    try {
      const result = applyStep(now, step, entry ?? null);
      if (result.sources === now) continue;
      if (proving) proveEdit(now, result.sources, result.unmarked);
      now = result.sources;
      keep.push(...result.keep);
      unmarked.push(...result.unmarked);
      changed.add(step.id);
    } catch (error) {
      failures.set(step.id, toProblem(error));
    }
  }
  return { applied: { sources: now, keep, failures, changed }, unmarked };
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
  if (found !== undefined && standsIn(found, after))
    return found.kept.text === entry.text ? sources : replaceEntry(sources, found, entry);
  const without = found === undefined ? sources : removeEntry(sources, found);
  const spot = index === null ? null : { index, gap: entry.gap };
  return addEntry(without, { kind, page, list }, { entry, spot });
}

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
