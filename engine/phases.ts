import { stages } from './stages/index.ts';
import { gainsSignOn } from './stages/traefik/protection.ts';
import type { StageName, Step } from './types.ts';

/** One stretch of a deployment: steps of one stage that belong together. */
export interface Stretch {
  readonly stage: StageName;
  readonly kind: 'guard' | 'arrive' | 'leave';
}

/**
 * The order of a deployment. What closes a door comes before anything behind it changes. Then comes what arrives, stage
 * by stage, and is verified; only then goes what is no longer wanted, backwards, so that a name stops resolving before
 * the thing behind it goes.
 */
export const stretches: readonly Stretch[] = (() => {
  const names = Object.keys(stages) as readonly StageName[];
  const going = names.filter((name) => name !== 'verify').toReversed();
  return [
    { stage: 'traefik', kind: 'guard' },
    ...names.map((stage) => ({ stage, kind: 'arrive' }) as const),
    ...going.map((stage) => ({ stage, kind: 'leave' }) as const),
  ];
})();

/** Steps in the order in which they run. Those of one stretch keep theirs. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  return stretches.flatMap((stretch) => steps.filter((step) => isIn(stretch, step)));
}

export function isIn(stretch: Stretch, step: Step): boolean {
  return step.stage === stretch.stage && kindOf(step) === stretch.kind;
}

/** Whether a step closes a door, and so comes before everything else. */
export function isGuard(step: Step): boolean {
  return kindOf(step) === 'guard';
}

function kindOf(step: Step): Stretch['kind'] {
  if (step.after === null) return 'leave';
  if (step.stage === 'deploy' && step.after.deleteVolumes === true) return 'leave';
  return step.stage === 'traefik' && gainsSignOn(step) ? 'guard' : 'arrive';
}
