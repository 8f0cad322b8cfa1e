import type { Owned, Ports, Scope } from '../ports.ts';
import type { Held } from './held.ts';
import { placesOf, readHoldings } from './read-holdings.ts';

export interface Known {
  readonly ports: Ports;
  readonly environment: string;
  /** What is ours by a host's file; a record of our own adds what was done since the file was written. */
  readonly since: (held: Held) => Owned;
}

/**
 * The same scope with what the hosts keep: the command line and the bot deploy beside each other, and both write it.
 * Only the host has all of it; our own record alone counts where there is no file, or none that can be read.
 */
export async function withHostHoldings(
  scope: Scope,
  { environment, since, ports }: Known,
  signal: AbortSignal,
): Promise<Scope> {
  const reading = { inventory: scope.inventory, places: placesOf(scope), environment };
  const held = await readHoldings(reading, ports, signal);
  const known = new Map([...held].map(([service, kept]) => [service, since(kept)]));
  const own = new Set(scope.services.map(({ name }) => name));
  const others = [...known].flatMap(([service, owned]) => (own.has(service) ? [] : owned));
  const recorded = (scope.elsewhere ?? []).filter(({ service }) => !known.has(service));
  return {
    ...scope,
    services: scope.services.map((scoped) => ({ ...scoped, owned: known.get(scoped.name) ?? scoped.owned })),
    elsewhere: [...recorded, ...others],
  };
}
