import type { ServiceFile } from '../../schema/index.ts';
import type { Inventory, NotifyWish, Route, Service, SignOn, Tile, WantedRecord } from '../types.ts';
import type { SystemDefaults } from './read-systems.ts';

/** What a definition wants of the systems around the service. */
export type Around = Pick<
  Service,
  'route' | 'record' | 'signOn' | 'tile' | 'watchtower' | 'silentUpdates' | 'notify'
>;

export interface AroundInput {
  readonly file: ServiceFile;
  readonly inventory: Inventory;
  readonly defaults: SystemDefaults;
  /** The health endpoint asked over HTTP, where there is one. */
  readonly endpoint: string | null;
}

/** A section that is written is wanted, unless it says otherwise; only a login has to be asked for. */
export function aroundOf(input: AroundInput): Around {
  const { file } = input;
  const route = routeOf(input);
  const record = recordOf(input);
  return {
    route,
    record,
    signOn: signOnOf(input, route),
    tile: tileOf(input, route),
    watchtower: file.watchtower?.enabled === true,
    ...(file.watchtower?.notify_on_update === false ? { silentUpdates: true } : {}),
    notify: notifyOf(file),
  };
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

function routeOf(input: AroundInput): Route | null {
  const { file, defaults } = input;
  const { traefik = {} } = file;
  const hostname = hostnamesOf(input).route;
  const backend = addressOf(input, { scheme: traefik.scheme, port: traefik.port });
  if (hostname === null || backend === null) return null;
  const { headers = {}, health_check: check } = traefik;
  return {
    hostname,
    entryPoints: traefik.entrypoints ?? defaults.entryPoints,
    tls:
      traefik.tls?.enabled === false
        ? null
        : { certResolver: traefik.tls?.cert_resolver ?? defaults.certResolver },
    middlewares: traefik.middlewares ?? [],
    headers: {
      frameDeny: headers.frame_deny ?? null,
      stsSeconds: headers.sts_seconds ?? null,
      contentTypeNosniff: headers.content_type_nosniff ?? null,
      custom: headers.custom ?? {},
    },
    backend,
    healthCheck:
      check === undefined
        ? null
        : { path: check.path, interval: check.interval ?? 30, timeout: check.timeout ?? 5 },
    signOnMiddleware: defaults.authMiddleware,
  };
}

function recordOf(input: AroundInput): WantedRecord | null {
  const name = hostnamesOf(input).record;
  const { file, inventory, defaults } = input;
  const own = inventory.hosts[file.deployment.target_host]?.address;
  const address = file.dns?.ip ?? defaults.target ?? own;
  return name === null || address === undefined ? null : { name, address };
}

function signOnOf(input: AroundInput, route: Route | null): SignOn | null {
  const { file } = input;
  const { service, authentik } = file;
  if (authentik?.enabled !== true) return null;
  const { method = 'forward_auth', oidc } = authentik;
  const launchUrl = urlOf(route) ?? addressOf(input, {}) ?? '';
  return {
    method,
    name: authentik.name ?? service.display_name ?? service.name,
    slug: authentik.slug ?? service.name.replaceAll('_', '-'),
    group: authentik.group ?? '',
    icon: authentik.icon ?? '',
    launchUrl,
    backend: method === 'proxy' ? (route?.backend ?? null) : null,
    skipPaths: authentik.skip_paths ?? [],
    oidc:
      oidc === undefined || method !== 'oidc'
        ? null
        : { clientId: oidc.client_id, clientSecret: oidc.client_secret, redirectUris: oidc.redirect_uris },
  };
}

function tileOf(input: AroundInput, route: Route | null): Tile | null {
  const { file, defaults, endpoint } = input;
  const { service, glance } = file;
  if (glance === undefined || glance.enabled === false) return null;
  const { bookmark, monitor } = glance;
  const direct = addressOf(input, {});
  const url = bookmark?.url ?? urlOf(route) ?? direct;
  const title = service.display_name ?? service.name;
  const wanted = (section: { readonly enabled?: boolean } | undefined): boolean => section?.enabled !== false;
  // Whoever names neither wants both; whoever names one wants that one.
  const both = bookmark === undefined && monitor === undefined;
  return {
    page: glance.page ?? defaults.page,
    bookmark:
      url === null || !(both || bookmark !== undefined) || !wanted(bookmark)
        ? null
        : {
            group: bookmark?.group ?? service.category ?? 'Services',
            title: bookmark?.title ?? title,
            url,
            description: bookmark?.description ?? null,
            icon: bookmark?.icon ?? null,
          },
    monitor:
      url === null || direct === null || !(both || monitor !== undefined) || !wanted(monitor)
        ? null
        : {
            widget: monitor?.widget ?? defaults.monitor,
            title: monitor?.title ?? title,
            url: urlOf(route) ?? direct,
            checkUrl: `${direct.replace(/\/$/, '')}${monitor?.health_endpoint ?? endpoint ?? '/'}`,
            alsoHealthy: monitor?.alt_status_codes ?? [],
            icon: monitor?.icon ?? null,
          },
  };
}

function notifyOf({ notifications = {} }: ServiceFile): NotifyWish {
  const { discord, ntfy } = notifications;
  return {
    discord: discord?.enabled !== false,
    ntfy: ntfy?.enabled === true ? { topic: ntfy.topic ?? null } : null,
  };
}

/** Where other machines reach the service itself: `http://192.168.40.13:3030`; null when nobody connects to it. */
function addressOf(
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
function urlOf(route: Route | null): string | null {
  return route === null ? null : `${route.tls === null ? 'http' : 'https'}://${route.hostname}`;
}
