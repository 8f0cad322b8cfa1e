import pRetry from 'p-retry';
import type { Delivery, Notifier } from '../../notify/index.ts';
import type { Clock, Secrets } from '../../ports.ts';
import { createHttpClient, type HttpAnswer } from '../http.ts';
import { ProblemError } from '../../problems.ts';
import { Refused, refusalOf, sinkNames, unreachable, wrongAddress } from './refusal.ts';

export interface NotifierParts {
  readonly secrets: Pick<Secrets, 'resolveFor' | 'resolveAddress'>;
  readonly clock: Clock;
  readonly pace?: NotifierPace;
}
export interface NotifierPace {
  /** For one attempt. */
  readonly attemptMs: number;
  readonly retries: number;
  /** Before the second attempt; twice as long before each further one. */
  readonly pauseMs: number;
  /** Who asks to be left alone for longer is not asked again. */
  readonly mostPauseMs: number;
}
export const patientPace: NotifierPace = {
  attemptMs: 10_000,
  retries: 3,
  pauseMs: 2_000,
  mostPauseMs: 60_000,
};

/** Tells Discord webhooks, ntfy and any other webhook. Their addresses are secrets and appear nowhere. */
export function createNotifier(parts: NotifierParts): Notifier {
  const { clock, pace = patientPace } = parts;
  return {
    deliver: (delivery, signal) =>
      pRetry(() => attempt(parts, delivery, signal), {
        retries: pace.retries,
        minTimeout: 0, // the pause is made below, by the clock everything else goes by
        signal,
        shouldRetry: async ({ error, retriesConsumed }) => {
          if (!(error instanceof Refused) || !error.again) return false;
          const pause = error.retryAfterMs ?? pace.pauseMs * 2 ** retriesConsumed;
          if (pause > pace.mostPauseMs) return false;
          await clock.wait(pause, signal);
          return true;
        },
      }),
  };
}

async function attempt(
  { secrets, clock, pace = patientPace }: NotifierParts,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const { sink, body } = delivery;
  const url = addressOf(delivery, secrets);
  const headers = authorizationOf(delivery, url, secrets);
  const client = createHttpClient({
    name: sinkNames[sink],
    base: url.origin,
    ca: null,
    timeoutMs: pace.attemptMs,
    fresh: true,
  });
  let answer: HttpAnswer;
  try {
    const path = `${url.pathname}${url.search}`;
    answer = await client.send({ method: 'POST', path, headers, json: body }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(sink, error);
  } finally {
    await client.close();
  }
  const refusal = refusalOf(sink, answer, clock.now());
  if (refusal !== null) throw refusal;
}

function authorizationOf(
  { address, token }: Delivery,
  url: URL,
  secrets: NotifierParts['secrets'],
): Readonly<Record<string, string>> {
  if (token === null) return basicOf(url);
  const shown = 'secret' in address ? `the address in ${address.secret}` : url.origin;
  return { authorization: `Bearer ${secrets.resolveFor(token, url.origin, shown)}` };
}

/** Of an address with a name and a password in it; those never leave by any other way. */
function basicOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { authorization: `Basic ${login.toString('base64')}` };
}

function addressOf({ sink, address }: Delivery, secrets: NotifierParts['secrets']): URL {
  const text = 'url' in address ? address.url : secrets.resolveAddress(address.secret);
  if (!URL.canParse(text)) throw new ProblemError(wrongAddress(sink, address));
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw new ProblemError(wrongAddress(sink, address));
  // Without it, Discord answers before it has looked at the message.
  if (sink === 'discord') url.searchParams.set('wait', 'true');
  return url;
}
