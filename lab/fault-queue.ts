/** What goes wrong on request with what is asked, in the order it was wished for. */
export interface FaultQueue<Fault, Asked> {
  /** Asks for a fault, as often as its `times` says, once unless told; a stand-in complains when it is never met. */
  next(fault: Fault): void;
  /** The first that strikes here and is not used up, or undefined. */
  take(asked: Asked): Fault | undefined;
  /** How often something is still to go wrong. */
  pending(): number;
  /** Those nobody ran into, for a person. */
  unused(): readonly string[];
  clear(): void;
}
export interface FaultRules<Fault, Asked> {
  strikes(fault: Fault, asked: Asked): boolean;
  describe(fault: Fault): string;
}

export function createFaultQueue<Fault extends { readonly times?: number }, Asked>(
  rules: FaultRules<Fault, Asked>,
): FaultQueue<Fault, Asked> {
  let queue: { readonly fault: Fault; left: number }[] = [];
  return {
    next: (fault) => void queue.push({ fault, left: fault.times ?? 1 }),
    take(asked) {
      const met = queue.find(({ fault, left }) => left > 0 && rules.strikes(fault, asked));
      if (met !== undefined) met.left -= 1;
      return met?.fault;
    },
    pending: () => queue.reduce((sum, { left }) => sum + left, 0),
    unused: () =>
      queue.flatMap(({ fault, left }) => (left > 0 ? [`${rules.describe(fault)} (${left} left)`] : [])),
    clear: () => void (queue = []),
  };
}
