import { createFaultQueue, type FaultQueue } from '../fault-queue.ts';

/** What should go wrong with the next matching request. */
export interface OpnsenseFault {
  /** Part of the path as it was asked. */
  readonly path: string;
  /** How many requests; one unless told. */
  readonly times?: number;
  /** Answer this instead. */
  readonly reply?: { readonly status: number; readonly body: object };
  /** Cut the connection: at once, or when everything but the answer is done. */
  readonly cut?: 'before' | 'after';
  /** Somebody else does something at this moment: before the request takes effect, or after. */
  readonly before?: () => void;
  readonly after?: () => void;
}
/** Asked with the path. */
export type OpnsenseFaults = FaultQueue<OpnsenseFault, string>;

export const createOpnsenseFaults = (): OpnsenseFaults =>
  createFaultQueue({ strikes: (fault, path) => path.includes(fault.path), describe: ({ path }) => path });
