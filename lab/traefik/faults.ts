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
export interface Faults {
  /** Asks for a fault; `close()` complains when it was never met. */
  next(fault: Fault): void;
  take(path: string): Fault | undefined;
  unused(): readonly string[];
}

export function createFaults(): Faults {
  const queue: { readonly fault: Fault; left: number }[] = [];
  return {
    next: (fault) => void queue.push({ fault, left: fault.times ?? 1 }),
    take(path) {
      const entry = queue.find(({ fault, left }) => left > 0 && fault.path === path);
      if (entry !== undefined) entry.left -= 1;
      return entry?.fault;
    },
    unused: () =>
      queue.filter(({ left }) => left > 0).map(({ fault, left }) => `${fault.path} (${left} left)`),
  };
}
