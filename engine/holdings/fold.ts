import type { Phase } from '../events.ts';
import type { Owned } from '../ports.ts';
import type { Step } from '../types.ts';

/** A step that was started, and how far it came. Those that touched nothing are left out. */
export interface StepTaken {
  readonly body: Step;
  readonly phase: Phase;
  readonly state: 'running' | 'done' | 'failed';
}

/**
 * Pure: what is held on the systems around the services after these steps, oldest first. What may be half there counts
 * as ours where nothing was before; else what was before still does, as a step that fails leaves things as it found
 * them. What may be half gone still counts.
 */
export function foldOwned(before: Owned, oldestFirst: readonly StepTaken[]): Owned {
  const held = new Map<string, Owned[number]>(before.map((step) => [keyOf(step), step]));
  for (const { body, phase, state } of oldestFirst) {
    if (body.stage === 'deploy' || body.stage === 'verify') continue;
    const key = keyOf(body);
    if (state === 'done') {
      if (body.after === null) held.delete(key);
      else held.set(key, body);
    } else if (phase === 'forward' && body.after !== null && !held.has(key)) held.set(key, body);
  }
  return [...held.values()];
}

function keyOf({ service, stage, target }: Step): string {
  return `${service} ${stage} ${target}`;
}
