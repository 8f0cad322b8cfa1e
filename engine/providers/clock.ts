import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../ports.ts';

/** The machine's clock. */
export function createClock(): Clock {
  return {
    now: () => new Date(),
    wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
  };
}
