import type { Clock } from '../../engine/index.ts';

export interface AllowanceOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** How often at once. */
  readonly amount: number;
  /** After which time one more comes back. */
  readonly everyMs: number;
}

/** So and so often, no more; what was taken comes back with time. */
export function createAllowance({ clock, amount, everyMs }: AllowanceOptions): { take(): boolean } {
  let left = amount;
  let since = clock.now().getTime();
  return {
    take() {
      const back = Math.max(0, Math.floor((clock.now().getTime() - since) / everyMs));
      left = Math.min(amount, left + back);
      since += back * everyMs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
