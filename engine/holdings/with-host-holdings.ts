import type { Owned, Ports, Scope } from '../ports.ts';
import { placesOf, readHoldings } from './read-holdings.ts';

export interface Known {
  readonly ports: Ports;
  readonly environment: string;
  /** When our own record of a service ends; null where there is none. What its host keeps counts where it is newer. */
  readonly recordedUntil: (service: string) => string | null;
}

/** The same scope with what the hosts keep: the command line and the bot deploy beside each other, and both write it. */
export async function withHostHoldings(
  scope: Scope,
  { environment, recordedUntil, ports }: Known,
  signal: AbortSignal,
): Promise<Scope> {
  const reading = { inventory: scope.inventory, places: placesOf(scope), environment };
  const held = await readHoldings(reading, ports, signal);
  const newer = new Map<string, Owned>();
  for (const { service, at, owned } of held.values()) {
    const until = recordedUntil(service);
    if (until === null || until < at) newer.set(service, owned);
  }
  const own = new Set(scope.services.map(({ name }) => name));
  const others = [...newer].flatMap(([service, owned]) => (own.has(service) ? [] : owned));
  const recorded = (scope.elsewhere ?? []).filter(({ service }) => !newer.has(service));
  return {
    ...scope,
    services: scope.services.map((scoped) => ({ ...scoped, owned: newer.get(scoped.name) ?? scoped.owned })),
    elsewhere: [...recorded, ...others],
  };
}
