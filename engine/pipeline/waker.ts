import type { Clock } from '../ports.ts';

/** A wait that can be cut short: news are not lost when they come while nobody waits. */
export interface Waker {
  wake(): void;
  /** Ends early when woken or when `signal` aborts; never throws. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createWaker(clock: Clock): Waker {
  let news = false;
  let sleeping: AbortController | null = null;
  return {
    wake() {
      news = true;
      sleeping?.abort();
    },
    async wait(ms, signal) {
      if (!news && !signal.aborted) {
        sleeping = new AbortController();
        await clock.wait(ms, AbortSignal.any([signal, sleeping.signal])).catch(() => undefined);
        sleeping = null;
      }
      news = false;
    },
  };
}
