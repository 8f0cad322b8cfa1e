import type { Hosts, Log, RemoteHost } from '../../ports.ts';
import type { HostEntry } from '../../types.ts';
import { connect, type PrivateKey } from './connect.ts';
import { type Connection, createConnection } from './connection.ts';
import { keysOnRecord } from './host-keys.ts';
import { createRemoteHost } from './remote-host.ts';

export interface HostsOptions {
  /** The private key of that name; throws ProblemError when there is none. */
  readonly keys: (name: string) => PrivateKey;
  /** Text of a known_hosts file. */
  readonly knownHosts: string | null;
  readonly log: Log;
  /** Default 10,000; three unanswered in a row mean that the connection is lost. */
  readonly keepAliveMs?: number;
  /** Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Default 8, two of them for the Docker API; sshd allows 10. */
  readonly maxChannels?: number;
  /** Default half an hour. */
  readonly idleCloseMs?: number;
  /** Of one command, both streams together. Default 4 MiB. */
  readonly maxOutputBytes?: number;
}

/** Machines reached by SSH: one shared connection each, opened on first use. */
export function createHosts(options: HostsOptions): Hosts {
  const open = new Map<string, { readonly host: RemoteHost; readonly connection: Connection }>();

  function create(entry: HostEntry) {
    const connection = createConnection({
      connect: async () =>
        connect({
          entry,
          key: options.keys(entry.key),
          record: keysOnRecord(entry, options.knownHosts),
          connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
          keepAliveMs: options.keepAliveMs ?? 10_000,
        }),
      idleCloseMs: options.idleCloseMs ?? 30 * 60_000,
      log: options.log.child({ host: entry.name, address: `${entry.address}:${entry.port}` }),
    });
    const host = createRemoteHost({
      entry,
      connection,
      maxChannels: options.maxChannels ?? 8,
      maxOutputBytes: options.maxOutputBytes ?? 4 * 1024 * 1024,
    });
    return { host, connection };
  }

  return {
    get(entry) {
      const key = JSON.stringify(entry);
      const known = open.get(key) ?? create(entry);
      open.set(key, known);
      return known.host;
    },
    async close() {
      await Promise.all([...open.values()].map(({ connection }) => connection.close()));
      open.clear();
    },
  };
}
