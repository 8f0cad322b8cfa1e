import type { ScopedService } from '../../ports.ts';
import type { RouteState, StepOf } from '../../types.ts';

/** Why a route file is written anew; `isAsLeft` reads it again from the record. */
export const somebodyChanged = 'somebody changed the route file';

/** The last step of ours that left a file at a place; null: nothing of ours is there. */
export function leftBy({ owned }: ScopedService, host: string, path: string): StepOf<'traefik'> | null {
  for (const step of owned)
    if (step.stage === 'traefik' && step.after?.host === host && step.after.path === path) return step;
  return null;
}

/** What the last deployment left at a place; null: nothing. */
export function leftAt(scoped: ScopedService, host: string, path: string): RouteState | null {
  return leftBy(scoped, host, path)?.after ?? null;
}

/**
 * Whether a file is as a step of ours left it. One that failed put back what it found, which is ours as well, unless it
 * was there to repair what somebody had changed.
 */
export function isAsLeft({ before, after, cause }: StepOf<'traefik'>, content: string): boolean {
  return content === after?.content || (content === before?.content && cause !== somebodyChanged);
}
