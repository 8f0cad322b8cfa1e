import type { StageName, Step, StepOf } from './types.ts';

/** The way back: effects swapped, last first, then the checks of what is there again. */
export function reverse(steps: readonly Step[]): readonly Step[] {
  const effects = steps.filter(({ stage }) => stage !== 'verify').toReversed();
  const checks = steps.filter(({ stage, before }) => stage === 'verify' && before !== null);
  return [...effects, ...checks].map((step) => swap(step));
}

function swap<S extends StageName>(step: StepOf<S>): StepOf<S> {
  return {
    ...step,
    id: `undo ${step.id}`,
    cause: `undo “${step.cause}”`,
    changes: step.changes.map(({ what, before, after }) => ({ what, before: after, after: before })),
    before: step.after,
    after: step.before,
  };
}
