import type { IncomingMessage } from 'node:http';
import type { Clock, Log } from '../../engine/index.ts';
import { createAllowance } from '../hooks/allowance.ts';
import { createHook, isSame, readLimited, type Answer, type Hook } from '../hooks/hook.ts';
import { parseGitlabNews, type GitlabNews } from './news.ts';
import { isRecent, isSigned, parseSigned, type Signed } from './signature.ts';

export const gitlabPath = '/hooks/gitlab';

/** What GitLab has to know to be heard. Where both are there, only a signature counts. */
export interface HookSecrets {
  readonly token: string | null;
  readonly signing: string | null;
}
export interface GitlabHookParts {
  readonly secrets: HookSecrets;
  readonly clock: Clock;
  readonly log: Log;
  /** True the first time a post is seen. */
  readonly claim: (id: string) => boolean;
  /** Told once the answer is on its way. */
  readonly tell: (news: GitlabNews) => void;
}

const mostBytes = 1024 * 1024;

/** Takes what GitLab posts: who it is from is proven first, it is answered at once, and a repeat changes nothing. */
export function createGitlabHook({ secrets, clock, log, claim, tell }: GitlabHookParts): Hook {
  // A pipeline posts for every change of every job; whoever is refused too often is no longer posted to by GitLab.
  const posts = createAllowance({ clock, amount: 600, everyMs: 50 });
  const warnings = createAllowance({ clock, amount: 1, everyMs: 60_000 });

  function forged(why: string): Answer {
    if (warnings.take()) log.warn({ why }, 'somebody who is not GitLab called its hook');
    return { status: 401, error: why };
  }

  return createHook('GitLab', log, async (request) => {
    if (request.method !== 'POST') return { status: 405, error: 'only POST', headers: { allow: 'POST' } };
    const proof = proofOf(request, secrets, clock.now());
    if (typeof proof === 'string') return forged(proof);
    const body = await readLimited(request, mostBytes);
    if (body === null) return { status: 413, error: `more than ${mostBytes} bytes` };
    if (proof.signed !== null && !isSigned(proof.signed, body, secrets.signing ?? ''))
      return forged('the signature is wrong');
    // Only what is proven counts: strangers must not use up what GitLab needs, nor a share that is kept for the unproven.
    if (!posts.take()) return { status: 429, error: 'too many posts', headers: { 'retry-after': '1' } };
    const news = parseGitlabNews(body.toString('utf8'));
    if (news === null) return { status: 400, error: 'this is not what GitLab sends' };
    if (news.kind === 'other' || (proof.id !== null && !claim(proof.id))) return { status: 200 };
    return { status: 200, afterwards: () => tell(news) };
  });
}

interface Proof {
  /** The same when GitLab sends it again; older servers give none. */
  readonly id: string | null;
  /** To be held against the body, which is read last. */
  readonly signed: Signed | null;
}

/** Who it is from, as far as headers tell; a sentence where they already tell that it is not GitLab. */
function proofOf({ headers }: IncomingMessage, { token, signing }: HookSecrets, now: Date): Proof | string {
  if (signing !== null) {
    const signed = parseSigned(headers);
    if (signed === null) return 'the signature is missing';
    if (!isRecent(signed, now)) return 'it is too old, or one of the two clocks is wrong';
    return { id: signed.id, signed };
  }
  const given = headers['x-gitlab-token'];
  if (token === null || typeof given !== 'string' || !isSame(given, token))
    return 'the token is missing or wrong';
  const id = headers['idempotency-key'];
  return { id: typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id) ? id : null, signed: null };
}
