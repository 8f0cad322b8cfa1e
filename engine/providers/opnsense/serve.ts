import type { Clock } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { OverrideApi } from './override-api.ts';

export interface ServeParts {
  readonly name: string;
  readonly api: OverrideApi;
  readonly clock: Clock;
}

/** How often a starting Unbound is asked, and how long is waited in between. */
const patience = { times: 10, pauseMs: 1000 };

/** Makes Unbound serve what is kept, and sees that it runs again; throws when it does not. */
export async function serve({ name, api, clock }: ServeParts, signal: AbortSignal): Promise<void> {
  await api.reconfigure(signal);
  for (let turn = 1; turn <= patience.times; turn += 1) {
    if ((await api.status(signal)) === 'running') return;
    if (turn < patience.times) await clock.wait(patience.pauseMs, signal);
  }
  throw new ProblemError({
    code: 'system-rejected',
    message: `Unbound on ${name} did not start again with the changed host overrides.`,
    hint: 'See its log (Services › Unbound DNS › Log File) for the record it does not accept.',
  });
}

/** Nothing is written to a server that does not serve: nobody would see it, and nothing could be proven. */
export async function requireService({ name, api }: ServeParts, signal: AbortSignal): Promise<void> {
  if ((await api.status(signal)) !== 'disabled') return;
  throw new ProblemError({
    code: 'system-rejected',
    message: `Unbound on ${name} is switched off.`,
    hint: 'Switch it on (Services › Unbound DNS › General), or name another DNS server in sentinel.yml.',
  });
}
