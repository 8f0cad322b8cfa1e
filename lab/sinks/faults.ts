import { createFaultQueue, type FaultQueue } from '../fault-queue.ts';

/** What should go wrong with the next requests. */
export interface SinkFault {
  /** How many requests; one unless told. */
  readonly times?: number;
  /** Answer with this status and nothing of use. */
  readonly status?: number;
  /** The header, as it is sent. */
  readonly retryAfter?: string;
  /** Wait before going on as usual. */
  readonly delayMs?: number;
  /** Never answer. */
  readonly hang?: boolean;
  /** Cut the connection. */
  readonly reset?: boolean;
}

/** The next request of any kind meets one. */
export type SinkFaults = FaultQueue<SinkFault, null>;

export const createSinkFaults = (): SinkFaults =>
  createFaultQueue({ strikes: () => true, describe: () => 'any request' });
