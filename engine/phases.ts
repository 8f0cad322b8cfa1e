import { stages } from './stages/index.ts';
import type { StageName, Step } from './types.ts';

/** One stretch of a deployment: the steps of one stage that make something there, or those that take something away. */
export interface StretchOf {
  readonly stage: StageName;
  readonly leaves: boolean;
}

/**
 * The order of a deployment. What arrives comes first, stage by stage, and is verified; only then goes what is no
 * longer wanted, backwards, so that a name stops resolving before the thing behind it goes.
 */
export const stretches: readonly StretchOf[] = (() => {
  const names = Object.keys(stages) as readonly StageName[];
  const going = names.filter((name) => name !== 'verify').toReversed();
  return [
    ...names.map((stage) => ({ stage, leaves: false })),
    ...going.map((stage) => ({ stage, leaves: true })),
  ];
})();

/** Whether a step takes something away for good. */
export function leaves(step: Step): boolean {
  return step.after === null || (step.stage === 'deploy' && step.after.deleteVolumes === true);
}

/** Steps in the order in which they run. Those of one stretch keep theirs. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  return stretches.flatMap((stretch) => steps.filter((step) => isIn(stretch, step)));
}

export function isIn(stretch: StretchOf, step: Step): boolean {
  return step.stage === stretch.stage && leaves(step) === stretch.leaves;
}
