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
export interface OpnsenseFaults {
  next(fault: OpnsenseFault): void;
  take(path: string): OpnsenseFault | null;
  /** Those nobody ran into. */
  unused(): readonly string[];
}

export function createOpnsenseFaults(): OpnsenseFaults {
  const queue: { readonly fault: OpnsenseFault; left: number }[] = [];
  return {
    next: (fault) => void queue.push({ fault, left: fault.times ?? 1 }),
    take(path) {
      const met = queue.find(({ fault, left }) => left > 0 && path.includes(fault.path));
      if (met === undefined) return null;
      met.left -= 1;
      return met.fault;
    },
    unused: () => queue.flatMap(({ fault, left }) => (left > 0 ? [`${fault.path} (${left} left)`] : [])),
  };
}
