import type { Clock, Log, Secrets } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import { createHttpClient, type HttpAnswer, type HttpClient, type HttpRequest } from '../http.ts';
import { login } from './login.ts';
import { piholeError } from './refusals.ts';

/** One Pi-hole, and what is needed to talk to it. */
export interface PiholePlace {
  readonly name: string;
  /** Without `/api`. */
  readonly base: string;
  readonly ca: string | null;
  /** Name of the secret; null for a server without a password. */
  readonly password: string | null;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}
export interface Session {
  /** Path behind `/api`. */
  send(request: Pick<HttpRequest, 'method' | 'path'>): Promise<HttpAnswer>;
}

/** Logs in, lets `task` ask one thing after the other, and logs out however that ends. */
export async function withSession<T>(
  place: PiholePlace,
  task: (session: Session) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { name, base, ca, clock, secrets } = place;
  const http = createHttpClient({ name, base, ca, fresh: true });
  const enter = async (): Promise<string | null> => {
    const { password } = place;
    if (password === null) return null;
    const { origin } = new URL(base);
    return login({ name, http, clock, password: () => secrets.resolveFor(password, origin) }, signal);
  };
  let sid: string | null = null;
  let renewed = false;
  const ask = (request: Pick<HttpRequest, 'method' | 'path'>): Promise<HttpAnswer> => {
    signal.throwIfAborted();
    const headers = sid === null ? {} : { 'x-ftl-sid': sid };
    // Never given up half-way: the next request would meet it on the server.
    return http.send({ ...request, path: `/api${request.path}`, headers }, new AbortController().signal);
  };
  try {
    sid = await enter();
    return await task({
      async send(request) {
        const answer = await ask(request);
        if (answer.status !== 401) return answer;
        if (renewed || place.password === null) throw lockedOut(place);
        renewed = true; // sessions do not survive a crash of the server
        sid = await enter();
        const second = await ask(request);
        if (second.status === 401) throw lockedOut(place);
        return second;
      },
    });
  } finally {
    if (sid !== null) await leave(place, http, sid);
    await http.close();
  }
}

/** A session that is not closed holds one of few seats for half an hour. */
async function leave({ name, log }: PiholePlace, http: HttpClient, sid: string): Promise<void> {
  try {
    const { status } = await http.send(
      { method: 'DELETE', path: '/api/auth', headers: { 'x-ftl-sid': sid } },
      new AbortController().signal,
    );
    if (status !== 204 && status !== 401 && status !== 404)
      log.warn({ system: name, status }, 'session not closed');
  } catch (error) {
    log.warn({ system: name, problem: toProblem(error) }, 'session not closed');
  }
}

function lockedOut({ name, password }: PiholePlace) {
  return piholeError('system-refused', name, {
    message: password === null ? 'asks for a password' : 'ends every session at once',
    hint:
      password === null
        ? 'Name the secret that holds it as `password` in sentinel.yml.'
        : 'Somebody may be changing its password right now; look at its log and try again.',
  });
}
