import type { Refusal } from './api-error.ts';
import { refuse } from './api-error.ts';

/** What should go wrong with the next matching requests. */
export interface Fault {
  readonly method?: string;
  /** A template (`/channels/{channel_id}/messages`), a concrete path, or a pattern for one. */
  readonly path: string | RegExp;
  /** How many requests; one unless told. */
  readonly times?: number;
  /** Answer with this status … */
  readonly status?: number;
  /** … and this body; or one of Discord's known refusals. */
  readonly body?: object;
  readonly refusal?: Refusal;
  /** Seconds, for a 429. */
  readonly retryAfter?: number;
  /** Wait before going on. */
  readonly delayMs?: number;
  /** Cut the connection. */
  readonly reset?: boolean;
  /** Never answer. */
  readonly hang?: boolean;
  /** Let the request take effect first: only its answer is lost. */
  readonly afterEffect?: boolean;
}

export interface Faults {
  /** Asks for a fault; `close()` of the lab complains when it was never met. */
  next(fault: Fault): void;
  /** The bot lacks a permission on the next such request (50013). */
  missingPermission(path: string | RegExp, method?: string): void;
  /** The next such request finds its message gone (10008). */
  unknownMessage(path: string | RegExp, method?: string): void;
  /** Requests that are still to be struck. */
  pending(): number;
  clear(): void;
}
export interface FaultQueue extends Faults {
  take(request: {
    readonly method: string;
    readonly path: string;
    readonly template: string;
  }): Fault | undefined;
  unused(): readonly string[];
}

export function createFaults(): FaultQueue {
  let queue: { readonly fault: Fault; left: number }[] = [];
  const next = (fault: Fault) => void queue.push({ fault, left: fault.times ?? 1 });
  const known = (refusal: Refusal) => (path: string | RegExp, method?: string) =>
    next({ path, refusal, ...(method === undefined ? {} : { method }) });

  return {
    next,
    missingPermission: known('missingPermissions'),
    unknownMessage: known('unknownMessage'),
    pending: () => queue.reduce((sum, { left }) => sum + left, 0),
    clear: () => void (queue = []),
    take: (request) => {
      const entry = queue.find(({ fault, left }) => left > 0 && matches(fault, request));
      if (entry !== undefined) entry.left -= 1;
      return entry?.fault;
    },
    unused: () =>
      queue
        .filter(({ left }) => left > 0)
        .map(({ fault, left }) => `${fault.method ?? 'any'} ${String(fault.path)} (${left} left)`),
  };
}

function matches(
  { method, path }: Fault,
  request: { readonly method: string; readonly path: string; readonly template: string },
): boolean {
  if (method !== undefined && method !== request.method) return false;
  return typeof path === 'string'
    ? path === request.template || path === request.path
    : path.test(request.path);
}

/** The answer a fault stands for, or null when it only delays. */
export function answerOf({
  status,
  body,
  refusal,
  retryAfter,
}: Fault): { status: number; body: object } | null {
  if (refusal !== undefined) {
    const error = refuse(refusal);
    return { status: error.status, body: error.body };
  }
  if (status === undefined) return null;
  if (status === 429 && body === undefined) {
    const retry_after = retryAfter ?? 1;
    return { status, body: { message: 'You are being rate limited.', retry_after, global: false } };
  }
  return { status, body: body ?? { message: `${status}: injected`, code: 0 } };
}
