import { createPihole } from '../../../../engine/providers/pihole/pihole.ts';
import type { Clock, Log } from '../../../../engine/ports.ts';
import { createSecrets } from '../../../../engine/providers/secrets.ts';
import type { DnsProvider } from '../../../../engine/system-ports/dns.ts';
import type { DnsSystem } from '../../../../engine/system-types.ts';
import { type Pihole, type PiholeOptions, startPihole } from '../../../../lab/pihole/pihole.ts';

export const password = 'correct horse battery';

/** Waits twenty times as fast, and its time goes twenty times as fast. */
export function fastClock(speed = 20): Clock {
  const start = Date.now();
  return {
    now: () => new Date(start + (Date.now() - start) * speed),
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          reject(signal.reason as Error);
        };
        const timer = setTimeout(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        }, ms / speed);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
  };
}

/** A log whose lines can be read. */
export function keepingLog(): Log & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const keep = (fields: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { lines, debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  return log;
}

/** A Pi-hole and what a test needs to talk to it. */
export interface Bench {
  readonly pihole: Pihole;
  readonly system: DnsSystem;
  readonly log: ReturnType<typeof keepingLog>;
  readonly clock: Clock;
  /** Another adapter of the same server; under another name of it, it does not share our queue, as another process. */
  readonly provider: (more?: Partial<DnsSystem>) => DnsProvider;
  readonly dns: DnsProvider;
  /** The same server as another process would see it. */
  readonly elsewhere: Partial<DnsSystem>;
  close(): Promise<void>;
}

export async function createBench(options: PiholeOptions = {}, secret = password): Promise<Bench> {
  const pihole = await startPihole({ password, ...options });
  const log = keepingLog();
  const clock = fastClock();
  const secrets = createSecrets({ env: { PIHOLE_PASSWORD: secret }, directory: null });
  const system: DnsSystem = {
    provider: 'pihole',
    url: pihole.url,
    server: pihole.server,
    password: pihole.state.password === null ? null : 'PIHOLE_PASSWORD',
    key: null,
    secret: null,
    ca: null,
  };
  const provider = (more: Partial<DnsSystem> = {}): DnsProvider =>
    createPihole({ ...system, ...more }, { secrets, clock, log });
  return {
    pihole,
    system,
    log,
    clock,
    provider,
    dns: provider(),
    elsewhere: { url: pihole.url.replace('127.0.0.1', 'localhost') },
    close: () => pihole.close(),
  };
}
