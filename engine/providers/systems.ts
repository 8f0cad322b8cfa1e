import type { Clock, Log, Secrets } from '../ports.ts';
import { toProblem } from '../problems.ts';
import type { DnsProvider, SystemClients } from '../system-ports/index.ts';
import type { AuthentikSystem, DnsSystem } from '../system-types.ts';
import { createAuthentik } from './authentik/authentik.ts';
import { createOpnsense } from './opnsense/opnsense.ts';
import { createPihole } from './pihole/pihole.ts';
import { createTraefikReader } from './traefik/index.ts';

export interface ClientParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * How many adapters of a kind are kept. Each edit of `systems:` makes another; the ones before it are still asked by
 * deployments that began with them, so there is room for far more than are edited while one runs.
 */
const mostKept = 20;

/** Adapters of the systems around the services; one for each system, closed when it was not asked for a long time. */
export function createSystemClients(parts: ClientParts): SystemClients {
  const { log } = parts;
  const dns = keepRecent(
    (system: DnsSystem): DnsProvider & Closable =>
      // Every run on a Pi-hole has a connection of its own, which ends with it.
      system.provider === 'pihole' ? createPihole(system, parts) : createOpnsense(system, parts),
    log,
  );
  const proxy = keepRecent(createTraefikReader, log);
  const signOn = keepRecent((system: AuthentikSystem) => createAuthentik(system, parts), log);
  return {
    dns: dns.get,
    proxy: proxy.get,
    signOn: signOn.get,
    async close() {
      await Promise.all([dns.close(), proxy.close(), signOn.close()]);
    },
  };
}

interface Closable {
  readonly close?: () => Promise<void>;
}
interface Recent<System, Client> {
  readonly get: (system: System) => Client;
  readonly close: () => Promise<void>;
}

/** The same input gives the same object, so that it can queue what must not happen at once; the longest unused goes. */
function keepRecent<System, Client extends Closable | null>(
  create: (system: System) => Client,
  log: Log,
): Recent<System, Client> {
  const kept = new Map<string, Client>();
  const dropOldest = (): void => {
    const [oldest] = kept;
    if (oldest === undefined) return;
    kept.delete(oldest[0]);
    oldest[1]?.close?.().catch((error: unknown) => {
      log.warn({ problem: toProblem(error) }, 'connections to a system not closed');
    });
  };
  return {
    get(system) {
      const key = JSON.stringify(system);
      const client = kept.get(key) ?? create(system);
      kept.delete(key);
      kept.set(key, client);
      if (kept.size > mostKept) dropOldest();
      return client;
    },
    async close() {
      const clients = [...kept.values()];
      kept.clear();
      await Promise.all(clients.map(async (client) => client?.close?.()));
    },
  };
}
