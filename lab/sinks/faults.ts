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

export interface SinkFaults {
  /** Asks for a fault; `close()` complains when it was never met. */
  next(fault: SinkFault): void;
  /** Requests that are still to be struck. */
  pending(): number;
}

export function createSinkFaults(): SinkFaults & { take(): SinkFault | undefined } {
  const queue: { readonly fault: SinkFault; left: number }[] = [];
  return {
    next: (fault) => void queue.push({ fault, left: fault.times ?? 1 }),
    pending: () => queue.reduce((sum, { left }) => sum + left, 0),
    take() {
      const entry = queue.find(({ left }) => left > 0);
      if (entry !== undefined) entry.left -= 1;
      return entry?.fault;
    },
  };
}
