import type { Problem } from '../../problems.ts';
import type { Result } from '../../types.ts';
import type { ChangePlace } from './change-place.ts';
import { setback } from './refused-change.ts';

export interface Once<T> {
  readonly branch: string;
  /** Reads what is there: the thing itself, a reason to stop, or null: not there yet. */
  readonly look: () => Promise<Result<T> | null>;
  readonly make: () => Promise<unknown>;
}

const waitsMs = [500, 2_000, 5_000];

/**
 * Makes something on the server exactly once. What the server answers is not believed, what is there afterwards is: an
 * answer that was lost, a proxy's 502 and a repeated request all end in the same look.
 */
export async function makeOnce<T>(
  place: ChangePlace,
  once: Once<T>,
  signal: AbortSignal,
): Promise<Result<T>> {
  let problem: Problem | null = null;
  for (const wait of [0, ...waitsMs]) {
    if (problem !== null) await place.gitlab.clock.wait(wait, signal);
    const found = await once.look();
    if (found !== null) return found;
    try {
      await once.make();
    } catch (error) {
      const what = setback(error, place, once.branch);
      if (what.kind === 'refused') return { ok: false, problems: [what.problem] };
      place.gitlab.log.info({ problem: what.problem }, 'looking whether a change is there');
      problem = what.problem;
    }
  }
  const last = await once.look();
  return last ?? { ok: false, problems: problem === null ? [] : [problem] };
}
