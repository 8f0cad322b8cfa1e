import type { StageName, Step, StepOf } from './types.ts';

/** The way back: effects swapped, last first, then the checks of what is there again. */
export function reverse(steps: readonly Step[]): readonly Step[] {
  const effects = steps.filter(({ stage }) => stage !== 'verify').toReversed();
  const checks = steps.filter(({ stage, before }) => stage === 'verify' && before !== null);
  return [...effects, ...checks].map((step) => swap(step));
}

function swap<S extends StageName>(step: StepOf<S>): StepOf<S> {
  const { stage, service, system, target, irreversible, fallback } = step;
  return {
    stage,
    service,
    system,
    target,
    ...(irreversible === undefined ? {} : { irreversible }),
    id: `undo ${step.id}`,
    cause: `undo “${step.cause}”`,
    // What leads elsewhere than back would be described wrongly by its own lines turned round.
    changes:
      fallback === undefined
        ? step.changes.map(({ what, before, after }) => ({ what, before: after, after: before }))
        : [{ what: 'what was last verified', before: null, after: 'put back' }],
    before: step.after,
    after: fallback ?? step.before,
  };
}
