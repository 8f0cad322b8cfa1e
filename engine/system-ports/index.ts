import type { AuthentikSystem, DnsSystem, TraefikSystem } from '../system-types.ts';
import type { DnsProvider } from './dns.ts';
import type { ProxyReader } from './proxy.ts';
import type { SignOnProvider } from './sign-on.ts';

export type * from './dns.ts';
export type * from './proxy.ts';
export type * from './sign-on.ts';

/** Adapters of the systems that have an API. The same system always gives the same object, so that it can be a lock. */
export interface SystemClients {
  dns(system: DnsSystem): DnsProvider;
  /** Null where the system has no API to read. */
  proxy(system: TraefikSystem): ProxyReader | null;
  signOn(system: AuthentikSystem): SignOnProvider;
  /** Ends idle connections and sessions. */
  close(): Promise<void>;
}
