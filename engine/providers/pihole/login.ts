import { isRecord, text } from '../../json.ts';
import type { Clock } from '../../ports.ts';
import { type ProblemError } from '../../problems.ts';
import type { HttpAnswer, HttpClient } from '../http.ts';
import { piholeError, refusalIn, strange } from './refusals.ts';

export interface LoginParts {
  readonly name: string;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly password: () => string;
}

/** Attempts are counted by the second, for everybody together. */
const pauseMs = 1200;
const mostAttempts = 4;

/** The id of a new session, or null where none is needed. It is not given up half-way: its seat could not be given back. */
export async function login(
  { name, http, clock, password }: LoginParts,
  signal: AbortSignal,
): Promise<string | null> {
  for (let attempt = 1, doubted = false; ; attempt += 1) {
    signal.throwIfAborted();
    const answer = await http.send(
      { method: 'POST', path: '/api/auth', json: { password: password() } },
      new AbortController().signal,
    );
    const session = sessionIn(answer);
    if (answer.status === 200 && session?.valid === true) return session.sid;
    const refusal = refusalIn(answer);
    // Right after others logged in, a right password may be called wrong.
    const again =
      answer.status === 401 ? !doubted : refusal?.key === 'rate_limiting' && attempt < mostAttempts;
    if (!again) throw refused(name, answer);
    doubted ||= answer.status === 401;
    await clock.wait(pauseMs, signal);
  }
}

function sessionIn(answer: HttpAnswer): { readonly valid: boolean; readonly sid: string | null } | null {
  const body = answer.json();
  const session = isRecord(body) ? body['session'] : undefined;
  if (!isRecord(session)) return null;
  return { valid: session['valid'] === true, sid: text(session['sid']) };
}

/** Never repeats what the server says: its hint may hold the password. */
function refused(name: string, answer: HttpAnswer): ProblemError {
  const refusal = refusalIn(answer);
  const no = (message: string, hint: string) => piholeError('system-refused', name, { message, hint });
  if (answer.status === 401)
    return no('did not accept the password', 'Check the secret that `password` in sentinel.yml names.');
  if (refusal?.key === 'api_seats_exceeded')
    return no(
      'has no seat left for another session',
      'End sessions on its page Settings, Web interface / API, or raise webserver.api.max_sessions. Forgotten ones end after 30 minutes.',
    );
  if (refusal?.key === 'rate_limiting')
    return piholeError('system-busy', name, {
      message: 'refuses logins because there are too many attempts',
      hint: 'Find out who else keeps logging in, and try again.',
    });
  if (answer.status === 400 && refusal !== null && /2FA/.test(refusal.message))
    return no(
      'asks for a second factor',
      'Make an app password on the Pi-hole, turn on webserver.api.app_sudo, and use that as the password.',
    );
  return strange(name, answer);
}
