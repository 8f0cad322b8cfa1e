import { toProblem } from '../problems.ts';
import type { DnsProvider } from '../system-ports/index.ts';
import type { DnsSystem } from '../types.ts';
import type { Check } from './examine.ts';
import { good, troubled, type Finding } from './finding.ts';
import { once, type Place } from './places.ts';

/** The server that keeps the records: its API, whether it takes changes, and whether it answers DNS. */
export function dnsChecks(places: readonly Place[]): readonly Check[] {
  return once(places, ({ fleet }) => [fleet.inventory.systems.dns]).flatMap(
    ({ system, places: [{ ports, fleet }] }) => {
      const provider = ports.systems.dns(system);
      const about = { area: 'dns', subject: provider.name } as const;
      return [
        { ...about, look: (signal: AbortSignal) => api(provider, about, signal) },
        {
          ...about,
          look: (signal: AbortSignal) =>
            answers({ provider, system, asked: fleet.inventory.domain ?? 'localhost' }, signal),
        },
      ];
    },
  );
}

type About = Pick<Finding, 'area' | 'subject'>;

async function api(provider: DnsProvider, about: About, signal: AbortSignal): Promise<readonly Finding[]> {
  const entries = await provider.list(signal);
  const found = good(about, `accepts the login and tells its ${entries.length} names.`);
  try {
    await provider.checkWritable(signal);
    return [found, good(about, 'has nothing set against changes.')];
  } catch (error) {
    signal.throwIfAborted();
    return [found, troubled(about, toProblem(error))];
  }
}

async function answers(
  {
    provider,
    system: { server },
    asked,
  }: { readonly provider: DnsProvider; readonly system: DnsSystem; readonly asked: string },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  await provider.resolve(asked, signal);
  const about = { area: 'dns', subject: `${server.address}:${server.port}` } as const;
  return [good(about, 'answers DNS.')];
}
