import pLimit from 'p-limit';
import type { Clock, Log, Secrets } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { DnsProvider } from '../../system-ports/index.ts';
import type { DnsSystem } from '../../system-types.ts';
import { askDns } from '../dns-question.ts';
import { createHttpClient } from '../http.ts';
import { changeRecords } from './change-records.ts';
import { isAnswer, recordFor, textOf, toEntry } from './host-record.ts';
import { createOverrideApi } from './override-api.ts';

export interface OpnsenseParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}
export interface Opnsense extends DnsProvider {
  /** Ends idle connections. */
  close(): Promise<void>;
}

/** Unbound loads its block lists when it starts. */
const restartMs = 120_000;

/** Host overrides of Unbound on OPNsense 24.7 and newer. Ours carry `Sentinel: <service>` as their description. */
export function createOpnsense(system: DnsSystem, { secrets, clock, log }: OpnsenseParts): Opnsense {
  const base = system.url;
  const { host, origin } = new URL(base);
  const name = `OPNsense at ${host}`;
  const http = createHttpClient({ name, base, ca: system.ca });
  const patient = createHttpClient({ name, base, ca: system.ca, timeoutMs: restartMs });
  const half = (secret: string | null): string => secrets.resolveFor(named(secret), origin);
  const authorization = (): string => {
    const pair = `${half(system.key)}:${half(system.secret)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  };
  const api = createOverrideApi({ name, base, http, patient, authorization });
  const ask = (asked: string, signal: AbortSignal) => askDns(system.server, asked, signal);
  // Saves at the same time lose records, and each batch restarts Unbound.
  const oneAtATime = pLimit(1);

  return {
    name,
    async list(signal) {
      const entries = (await api.search(signal)).filter(isAnswer).map(toEntry);
      return [...new Map(entries.map((entry) => [entry.text, entry])).values()];
    },
    entryFor: (record) => textOf(recordFor(record)),
    change: (changes, signal) =>
      oneAtATime(() => changeRecords(changes, { name, api, clock, log, ask }, signal)),
    async checkWritable(signal) {
      const status = await api.status(signal);
      if (status !== 'stopped' && status !== 'disabled') return;
      throw new ProblemError({
        code: 'system-rejected',
        message: `Unbound on ${name} is ${status}.`,
        where: base,
        hint: 'Start it under Services › Unbound DNS.',
      });
    },
    resolve: ask,
    async close() {
      await Promise.all([http.close(), patient.close()]);
    },
  };
}

function named(secret: string | null): string {
  if (secret !== null) return secret;
  throw new ProblemError({
    code: 'configuration-invalid',
    message: 'OPNsense needs an API key and its secret.',
    where: 'sentinel.yml',
    hint: 'Name both under `systems.dns` as `key` and `secret`.',
  });
}
