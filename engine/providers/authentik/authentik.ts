import type { Clock, Log, Secrets } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { SignOnChange, SignOnProvider } from '../../system-ports/index.ts';
import type { AuthentikSystem } from '../../system-types.ts';
import { createHttpClient } from '../http.ts';
import { createApi } from './api.ts';
import { makeAbsent, makePresent } from './ensure.ts';
import { readAll, readOwner } from './read.ts';
import { takeBack, type Work } from './work.ts';

export interface AuthentikParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  /** How long another Sentinel may take between reading an outpost's list and writing it. Default 500. */
  readonly settleMs?: number;
}
export interface Authentik extends SignOnProvider {
  /** Ends idle connections. */
  close(): Promise<void>;
}

/** Single sign-on with Authentik, over its REST API. */
export function createAuthentik(system: AuthentikSystem, parts: AuthentikParts): Authentik {
  const { secrets, clock, log, settleMs = 500 } = parts;
  const name = `Authentik at ${new URL(system.url).host}`;
  const client = createHttpClient({ name, base: system.url, ca: system.ca });
  const open = (signal: AbortSignal) =>
    createApi({ system: name, base: system.url, client, secrets, token: system.token }, signal);

  return {
    name,
    list: (asked, signal) => readAll(open(signal), system, asked),
    whoAmI: (signal) => readOwner(open(signal)),
    async ensure(change, signal) {
      const work: Work = {
        api: open(signal),
        settling: { clock, settleMs },
        signal,
        service: change.service,
        did: [],
        back: [],
      };
      try {
        await make(work, change);
        return { ok: true, did: work.did };
      } catch (error) {
        const problem = toProblem(error);
        const clean = await takeBack(work);
        log.warn({ system: name, service: change.service, code: problem.code, clean }, 'sign-on failed');
        return { ok: false, problem, touched: !clean };
      }
    },
    close: () => client.close(),
  };
}

async function make(work: Work, change: SignOnChange): Promise<void> {
  if (change.after !== null) await makePresent(work, change.after, change);
  else if (change.before !== null) await makeAbsent(work, change.before, change);
}
