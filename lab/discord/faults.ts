import { createFaultQueue, type FaultQueue } from '../fault-queue.ts';
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

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly template: string;
}
export interface Faults extends Pick<FaultQueue<Fault, Asked>, 'next' | 'pending' | 'clear'> {
  /** The bot lacks a permission on the next such request (50013). */
  missingPermission(path: string | RegExp, method?: string): void;
  /** The next such request finds its message gone (10008). */
  unknownMessage(path: string | RegExp, method?: string): void;
}
export type DiscordFaults = Faults & FaultQueue<Fault, Asked>;

export function createFaults(): DiscordFaults {
  const queue = createFaultQueue<Fault, Asked>({
    strikes: matches,
    describe: ({ method, path }) => `${method ?? 'any'} ${String(path)}`,
  });
  const known = (refusal: Refusal) => (path: string | RegExp, method?: string) =>
    queue.next({ path, refusal, ...(method === undefined ? {} : { method }) });
  return {
    ...queue,
    missingPermission: known('missingPermissions'),
    unknownMessage: known('unknownMessage'),
  };
}

function matches({ method, path }: Fault, request: Asked): boolean {
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
