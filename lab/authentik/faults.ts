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
export interface Faults {
  /** Asks for a fault; `close()` complains when it was never met. */
  next(fault: Fault): void;
  clear(): void;
}
export interface FaultQueue extends Faults {
  take(method: string, path: string): Fault | undefined;
  unused(): readonly string[];
}

export function createFaults(): FaultQueue {
  let queue: { readonly fault: Fault; left: number }[] = [];
  return {
    next: (fault) => void queue.push({ fault, left: fault.times ?? 1 }),
    clear: () => void (queue = []),
    take(method, path) {
      const entry = queue.find(
        ({ fault, left }) =>
          left > 0 && (fault.method === undefined || fault.method === method) && fault.path.test(path),
      );
      if (entry !== undefined) entry.left -= 1;
      return entry?.fault;
    },
    unused: () =>
      queue
        .filter(({ left }) => left > 0)
        .map(({ fault, left }) => `${fault.method ?? 'any'} ${String(fault.path)} (${left} left)`),
  };
}
