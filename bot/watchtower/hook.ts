import type { IncomingMessage } from 'node:http';
import type { Clock, Log } from '../../engine/index.ts';
import { createAllowance } from '../hooks/allowance.ts';
import { createHook, isSame, readLimited, type Answer, type Hook } from '../hooks/hook.ts';
import { parseNews, type News } from './news.ts';

export const watchtowerPath = '/hooks/watchtower';

export interface WatchtowerHookParts {
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (news: News) => void;
}

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

  return createHook('Watchtower', log, async (request) => {
    const refusal = refuse(request);
    if (refusal !== null) return refusal;
    const body = await readLimited(request, mostBytes);
    if (body === null) return { status: 413, error: `more than ${mostBytes} bytes` };
    const news = parseNews(body.toString('utf8'));
    if (news === null) return { status: 400, error: 'there is no message in it' };
    tell(news);
    return { status: 202 };
  });
}

function isAuthorised({ headers }: IncomingMessage, token: string): boolean {
  return isSame(/^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '', token);
}
