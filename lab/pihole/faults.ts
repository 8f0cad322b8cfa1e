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
export interface PiholeFaults {
  next(fault: PiholeFault): void;
  take(request: { readonly method: string; readonly path: string }): PiholeFault | null;
  /** Those nobody ran into. */
  unused(): readonly string[];
}

export function createPiholeFaults(): PiholeFaults {
  const queue: { readonly fault: PiholeFault; left: number }[] = [];
  return {
    next: (fault) => void queue.push({ fault, left: fault.times ?? 1 }),
    take({ method, path }) {
      const met = queue.find(
        ({ fault, left }) => left > 0 && fault.method === method && path.includes(fault.path),
      );
      if (met === undefined) return null;
      met.left -= 1;
      return met.fault;
    },
    unused: () =>
      queue.flatMap(({ fault, left }) => (left > 0 ? [`${fault.method} ${fault.path} (${left} left)`] : [])),
  };
}
