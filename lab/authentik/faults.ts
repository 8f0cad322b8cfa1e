import { createFaultQueue, type FaultQueue } from '../fault-queue.ts';

/** What should go wrong with the next matching requests. */
export interface Fault {
  readonly method?: string;
  /** Tested against the path without `/api/v3`. */
  readonly path: RegExp;
  /** How many requests; one unless told. */
  readonly times?: number;
  /** Answer with this status … */
  readonly status?: number;
  /** … and this body. */
  readonly body?: object | string;
  /** Cut the connection. */
  readonly reset?: boolean;
  /** Let the request take effect first: only its answer is lost. */
  readonly afterEffect?: boolean;
  /** Runs, and is waited for, before the request takes effect. */
  readonly meanwhile?: () => Promise<void> | void;
}
export interface Asked {
  readonly method: string;
  readonly path: string;
}
export type Faults = Pick<FaultQueue<Fault, Asked>, 'next' | 'clear'>;

export const createFaults = (): FaultQueue<Fault, Asked> =>
  createFaultQueue({
    strikes: (fault, { method, path }) => (fault.method ?? method) === method && fault.path.test(path),
    describe: ({ method, path }) => `${method ?? 'any'} ${String(path)}`,
  });
