import type { ServiceFile } from '../../schema/index.ts';
import type { Inventory, Route } from '../types.ts';
import type { SystemDefaults } from './read-systems.ts';

export interface AroundInput {
  readonly file: ServiceFile;
  readonly inventory: Inventory;
  readonly defaults: SystemDefaults;
  /** The service's, with the default filled in. */
  readonly category: string;
  /** The health endpoint asked over HTTP, where there is one. */
  readonly endpoint: string | null;
}

/** The host names of the route and of the record, by the section that names them. */
export function hostnamesOf({ file, inventory }: Pick<AroundInput, 'file' | 'inventory'>): {
  readonly route: string | null;
  readonly record: string | null;
} {
  const { service, traefik, dns } = file;
  const { domain } = inventory;
  const full = (label: string): string =>
    (domain === null || label.endsWith(`.${domain}`) ? label : `${label}.${domain}`).toLowerCase();
  const wanted = (section: { readonly enabled?: boolean } | undefined): boolean =>
    section !== undefined && section.enabled !== false;
  return {
    route: wanted(traefik) ? full(traefik?.subdomain ?? service.name) : null,
    record: wanted(dns) ? full(dns?.hostname ?? traefik?.subdomain ?? service.name) : null,
  };
}

/** Where other machines reach the service itself: `http://192.168.40.13:3030`; null when nobody connects to it. */
export function addressOf(
  { file, inventory }: AroundInput,
  { scheme = 'http', port }: { readonly scheme?: string | undefined; readonly port?: number | undefined },
): string | null {
  const { target_host, port: own } = file.deployment;
  const address = inventory.hosts[target_host]?.address;
  const number = port ?? own;
  if (address === undefined || number === null) return null;
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${number}`;
}

/** Where people reach it. */
export function urlOf(route: Route | null): string | null {
  return route === null ? null : `${route.tls === null ? 'http' : 'https'}://${route.hostname}`;
}
