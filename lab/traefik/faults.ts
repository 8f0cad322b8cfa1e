import { createFaultQueue, type FaultQueue } from '../fault-queue.ts';

/** What should go wrong with the next requests to the read API. */
export interface Fault {
  /** `/api/http/routers` */
  readonly path: string;
  /** How many requests; one unless told. */
  readonly times?: number;
  /** Answer with this status; or … */
  readonly status?: number;
  /** … with this text in place of the list; or … */
  readonly body?: string;
  /** … cut the connection. */
  readonly reset?: boolean;
}
/** Asked with the path. */
export type Faults = FaultQueue<Fault, string>;

export const createFaults = (): Faults =>
  createFaultQueue({ strikes: (fault, path) => fault.path === path, describe: ({ path }) => path });
