import type { DeploymentEvent } from '../events.ts';
import type { Plan, Step } from '../types.ts';
import type { StepTaken } from './fold.ts';

/** Notes which steps a deployment takes, as its story is told. */
export interface StepRecord {
  note(event: DeploymentEvent): void;
  /** In the order in which they were begun. */
  taken(): readonly StepTaken[];
}

export function createStepRecord({ steps }: Pick<Plan, 'steps'>): StepRecord {
  const bodies = new Map<string, Step>(steps.map((step) => [step.id, step]));
  const taken = new Map<string, StepTaken>();
  return {
    note(event) {
      if (event.type === 'unwinding') for (const step of event.steps) bodies.set(step.id, step);
      if (event.type !== 'step-started' && event.type !== 'step-done' && event.type !== 'step-failed') return;
      const body = bodies.get(event.step);
      if (body === undefined) return;
      if (event.type === 'step-failed' && event.touched === false) return void taken.delete(body.id);
      const state =
        event.type === 'step-started' ? 'running' : event.type === 'step-done' ? 'done' : 'failed';
      taken.set(body.id, { body, phase: event.phase, state });
    },
    taken: () => [...taken.values()],
  };
}
