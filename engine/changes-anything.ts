import type { Step } from './types.ts';

/** Whether a step does more than take note of what is there already. */
export function changesAnything({ before, after }: Step): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}
