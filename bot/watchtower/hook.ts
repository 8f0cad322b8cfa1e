import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Log } from '../../engine/index.ts';
import { createAllowance } from './allowance.ts';
import { parseNews, type News } from './news.ts';

export const watchtowerPath = '/hooks/watchtower';

export interface WatchtowerHookParts {
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (news: News) => void;
}
export type Hook = (request: IncomingMessage, response: ServerResponse) => void;

const mostBytes = 64 * 1024;

/** Takes what Watchtower posts; whoever has no token gets nothing read, written or told. */
export function createWatchtowerHook({ token, clock, log, tell }: WatchtowerHookParts): Hook {
  const posts = createAllowance({ clock, amount: 10, everyMs: 6_000 });
  const warnings = createAllowance({ clock, amount: 1, everyMs: 60_000 });

  function refuse(request: IncomingMessage): Answer | null {
    if (request.method !== 'POST') return { status: 405, error: 'only POST', headers: { allow: 'POST' } };
    if (!isAuthorised(request, token)) {
      if (warnings.take()) log.warn({}, 'somebody without the token called the hook for Watchtower');
      return {
        status: 401,
        error: 'the token is missing or wrong',
        headers: { 'www-authenticate': 'Bearer' },
      };
    }
    return posts.take() ? null : { status: 429, error: 'too many posts', headers: { 'retry-after': '6' } };
  }

  async function take(request: IncomingMessage): Promise<Answer> {
    const refusal = refuse(request);
    if (refusal !== null) return refusal;
    const body = await readLimited(request);
    if (body === null) return { status: 413, error: `more than ${mostBytes} bytes` };
    const news = parseNews(body);
    if (news === null) return { status: 400, error: 'there is no message in it' };
    tell(news);
    return { status: 202 };
  }

  return (request, response) => {
    take(request).then(
      (answer) => send(response, answer),
      (error: unknown) => {
        log.warn({ err: error }, 'a post of Watchtower broke off');
        response.destroy();
      },
    );
  };
}

interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Digests have one length, and comparing them takes the same time however much of the token is right. */
function isAuthorised({ headers }: IncomingMessage, token: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

async function readLimited(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(part)) continue;
    size += part.length;
    if (size > mostBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Whatever of a refused body is still on its way is not waited for. */
function send(response: ServerResponse, { status, error, headers = {} }: Answer): void {
  const ending = error === undefined ? {} : { connection: 'close' };
  response.writeHead(status, { ...headers, ...ending, 'content-type': 'application/json' });
  response.end(error === undefined ? '{}\n' : `${JSON.stringify({ error })}\n`);
}
