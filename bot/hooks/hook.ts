import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../engine/index.ts';

/** Takes what another program posts to us. */
export type Hook = (request: IncomingMessage, response: ServerResponse) => void;

/** What the sender is answered. */
export interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Done once the answer is on its way: senders do not wait. */
  readonly afterwards?: () => void;
}

/** Answers each request with what `take` says; `what` tells whose posts these are. */
export function createHook(
  what: string,
  log: Log,
  take: (request: IncomingMessage) => Promise<Answer>,
): Hook {
  return (request, response) => {
    take(request)
      .then((answer) => {
        send(response, answer);
        answer.afterwards?.();
      })
      .catch((error: unknown) => {
        log.warn({ err: error }, `a post of ${what} broke off`);
        response.destroy();
      });
  };
}

/** Digests have one length, and comparing them takes the same time however much of the secret is right. */
export function isSame(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** The body, or null where it is longer than `mostBytes`. */
export async function readLimited(request: IncomingMessage, mostBytes: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(part)) continue;
    size += part.length;
    if (size > mostBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Whatever of a refused body is still on its way is not waited for. */
function send(response: ServerResponse, { status, error, headers = {} }: Answer): void {
  const ending = error === undefined ? {} : { connection: 'close' };
  response.writeHead(status, { ...headers, ...ending, 'content-type': 'application/json' });
  response.end(error === undefined ? '{}\n' : `${JSON.stringify({ error })}\n`);
}
