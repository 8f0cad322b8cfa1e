import { createFaultQueue, type FaultQueue } from '../fault-queue.ts';
import type { Reply } from './reply.ts';

/** What should go wrong with the next matching request. */
export interface PiholeFault {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Part of the decoded path. */
  readonly path: string;
  /** How many requests; one unless told. */
  readonly times?: number;
  /** Answer this instead. */
  readonly reply?: Reply;
  /** Cut the connection: at once, or when everything but the answer is done. */
  readonly cut?: 'before' | 'after';
  /** Somebody else does something at this moment: before the request takes effect, or after. */
  readonly before?: () => void;
  readonly after?: () => void;
}
export type PiholeFaults = FaultQueue<PiholeFault, Asked>;
interface Asked {
  readonly method: string;
  readonly path: string;
}

export const createPiholeFaults = (): PiholeFaults =>
  createFaultQueue({
    strikes: (fault, { method, path }) => fault.method === method && path.includes(fault.path),
    describe: ({ method, path }) => `${method} ${path}`,
  });
