/** What goes wrong on request, in the order it was asked for: each as often as its `times` says, once unless told. */
export interface FaultQueue<Fault> {
  /** Asks for a fault; `close()` of a stand-in complains when it was never met. */
  next(fault: Fault): void;
  /** The first that strikes here and is not used up, or undefined. */
  take(strikes: (fault: Fault) => boolean): Fault | undefined;
  /** Requests that are still to be struck. */
  pending(): number;
  /** Those nobody ran into, described for a person. */
  unused(): readonly string[];
  clear(): void;
}

export function createFaultQueue<Fault extends { readonly times?: number }>(
  describe: (fault: Fault) => string,
): FaultQueue<Fault> {
  let queue: { readonly fault: Fault; left: number }[] = [];
  return {
    next: (fault) => void queue.push({ fault, left: fault.times ?? 1 }),
    take(strikes) {
      const met = queue.find(({ fault, left }) => left > 0 && strikes(fault));
      if (met !== undefined) met.left -= 1;
      return met?.fault;
    },
    pending: () => queue.reduce((sum, { left }) => sum + left, 0),
    unused: () => queue.flatMap(({ fault, left }) => (left > 0 ? [`${describe(fault)} (${left} left)`] : [])),
    clear: () => void (queue = []),
  };
}
