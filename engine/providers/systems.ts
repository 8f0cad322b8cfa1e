import type { Clock, Log, Secrets } from '../ports.ts';
import type { SystemClients } from '../system-ports/index.ts';
import { createAuthentik } from './authentik/authentik.ts';
import { createOpnsense } from './opnsense/opnsense.ts';
import { createPihole } from './pihole/pihole.ts';
import { createTraefikReader } from './traefik/index.ts';

export interface ClientParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}

/** Adapters of the systems around the services; one for each system, kept for the life of the process. */
export function createSystemClients(parts: ClientParts): SystemClients {
  const closers: (() => Promise<void>)[] = [];
  const closing = <T extends { close(): Promise<void> }>(client: T): T => {
    closers.push(() => client.close());
    return client;
  };
  return {
    dns: once((system) =>
      // Every run on a Pi-hole has a connection of its own, which ends with it.
      system.provider === 'pihole' ? createPihole(system, parts) : closing(createOpnsense(system, parts)),
    ),
    proxy: once((system) => {
      const reader = createTraefikReader(system);
      return reader === null ? null : closing(reader);
    }),
    signOn: once((system) => closing(createAuthentik(system, parts))),
    async close() {
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
}

/** The same input always gives the same object, so that it can queue what must not happen at once. */
function once<System, Client>(create: (system: System) => Client): (system: System) => Client {
  const made = new Map<string, Client>();
  return (system) => {
    const key = JSON.stringify(system);
    const known = made.get(key);
    if (known !== undefined) return known;
    const client = create(system);
    made.set(key, client);
    return client;
  };
}
