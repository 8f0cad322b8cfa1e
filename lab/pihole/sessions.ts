import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { asRecord } from '../json.ts';
import { noContent, type Reply, refusal, reply, unauthorized } from './reply.ts';
import type { PiholeState, PiholeTimes } from './state.ts';

export interface SessionOptions {
  readonly state: PiholeState;
  readonly times: PiholeTimes;
  readonly seats: number;
}
export type Access = 'full' | 'app' | 'none';

/** Who is logged in. Seats are few, and kept until logout. */
export interface Sessions {
  readonly count: number;
  /** Takes one of the seats for somebody else. */
  occupy(): void;
  /** A crash or a new password ends them all. */
  drop(): void;
  login(body: unknown): Promise<Reply>;
  logout(sid: string | undefined): Reply;
  access(sid: string | undefined): Access;
}

/** Password checks in one stretch of time, for all clients together. */
const mostAttempts = 3;

export function createSessions({ state, times, seats }: SessionOptions): Sessions {
  const open = new Map<string, 'full' | 'app'>();
  const check = createCheck(state, times);
  return {
    get count() {
      return open.size;
    },
    occupy: () => void open.set(randomBytes(8).toString('hex'), 'full'),
    drop: () => open.clear(),
    async login(body) {
      const given = passwordIn(body);
      if (typeof given !== 'string') return given;
      if (state.password === null) return session(200, { valid: true, message: 'no password set' });
      const found = await check(given);
      if (found === 'limited')
        return refusal(429, 'rate_limiting', { message: 'Rate-limiting login attempts' });
      if (found === 'wrong') return session(401, { valid: false, message: 'password incorrect' });
      if (found === 'full' && state.secondFactor)
        return refusal(400, 'bad_request', { message: 'No 2FA token found in JSON payload' });
      if (open.size >= seats) return noSeat;
      const sid = `${randomBytes(15).toString('base64').slice(0, 19)}+/A=`;
      open.set(sid, found);
      const message = found === 'app' ? 'app-password correct' : 'password correct';
      return session(200, { valid: true, message, sid });
    },
    logout(sid) {
      if (sid !== undefined && open.delete(sid)) return noContent;
      return state.password === null ? unauthorized : session(401, unknownSid);
    },
    access(sid) {
      if (state.password === null) return 'full';
      return (sid === undefined ? undefined : open.get(sid)) ?? 'none';
    },
  };
}

/** Hashing takes its time, and so many checks are made within one stretch of it. */
function createCheck(state: PiholeState, times: PiholeTimes) {
  let attempts = 0;
  let since = 0;
  return async (password: string): Promise<'full' | 'app' | 'wrong' | 'limited'> => {
    if (Date.now() - since >= times.window) {
      since = Date.now();
      attempts = 0;
    }
    attempts += 1;
    // The app password is tried second, when the first try has been counted: the fourth looks wrong, not limited.
    const isApp = password === state.appPassword;
    if (attempts > mostAttempts) {
      await setTimeout(times.refusal);
      return isApp && attempts === mostAttempts + 1 ? 'wrong' : 'limited';
    }
    await setTimeout(times.hash);
    if (isApp) return 'app';
    if (password !== state.password) return 'wrong';
    attempts = Math.max(0, attempts - 1);
    return 'full';
  };
}

const unknownSid = { valid: false, message: 'session unknown' };
const noSeat = refusal(429, 'api_seats_exceeded', {
  message: 'API seats exceeded',
  hint: 'increase webserver.api.max_sessions',
});

/** The hint of a body that is no JSON echoes it, password and all. */
function passwordIn(body: unknown): string | Reply {
  const bad = (message: string, hint: string | null = null) => refusal(400, 'bad_request', { message, hint });
  if (body === undefined) return bad('No request body data');
  if (typeof body === 'string') return bad('Invalid request body data (no valid JSON), error at hint', body);
  const { password } = asRecord(body);
  if (password === undefined) return bad('No password found in JSON payload');
  return typeof password === 'string' ? password : bad("Field password has to be of type 'string'");
}

/** Refusals of a login have no `error`. */
function session(
  status: number,
  found: { readonly valid: boolean; readonly message: string; readonly sid?: string },
): Reply {
  const { valid, message, sid = null } = found;
  const csrf = sid === null ? null : randomBytes(15).toString('base64');
  return reply(status, {
    session: { valid, totp: false, sid, csrf, validity: sid === null ? -1 : 1800, message },
  });
}
