import type { Log } from '../engine/index.ts';

/** Takes everything and says nothing: for measurements, and where a lab's own output matters more. */
export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLog,
};
