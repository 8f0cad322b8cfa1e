import type { SystemsSection } from '../../schema/index.ts';
import type { HostEntry, Systems } from '../types.ts';

/** What services that say nothing themselves get from the systems around them. */
export interface SystemDefaults {
  readonly entryPoints: readonly string[];
  readonly certResolver: string | null;
  readonly authMiddleware: string | null;
  /** Address records point at; null: at the service's own host. */
  readonly target: string | null;
  readonly page: string | null;
  readonly monitor: string;
}

/** The systems as adapters and stages need them, defaults filled in. */
export function readSystems(
  section: SystemsSection = {},
  hosts: Readonly<Record<string, HostEntry>>,
): { readonly systems: Systems; readonly defaults: SystemDefaults } {
  const { traefik, dns, glance } = section;
  const proxyAddress = traefik?.address ?? hosts[traefik?.host ?? '']?.address ?? null;
  return {
    systems: {
      traefik: traefikOf(traefik, proxyAddress),
      dns: dnsOf(dns),
      authentik: authentikOf(section.authentik),
      glance: glanceOf(glance),
      notify: notifyOf(section),
    },
    defaults: {
      ...routeDefaults(traefik),
      target: dns?.target ?? proxyAddress,
      page: glance?.page ?? null,
      monitor: glance?.monitor ?? 'Services',
    },
  };
}

function routeDefaults(
  section: SystemsSection['traefik'],
): Pick<SystemDefaults, 'entryPoints' | 'certResolver' | 'authMiddleware'> {
  return {
    entryPoints: section?.entrypoints ?? ['websecure'],
    certResolver: section?.cert_resolver ?? null,
    authMiddleware: section?.auth_middleware ?? null,
  };
}

function traefikOf(section: SystemsSection['traefik'], address: string | null): Systems['traefik'] {
  if (section === undefined) return null;
  return {
    host: section.host,
    address: address ?? section.host,
    httpsPort: section.https_port ?? 443,
    httpPort: section.http_port ?? 80,
    directory: section.directory.replace(/(?!^)\/+$/, ''),
    api: base(section.api) ?? null,
    container: section.container ?? null,
    ca: section.ca ?? null,
  };
}

function dnsOf(section: SystemsSection['dns']): Systems['dns'] {
  if (section === undefined) return null;
  return {
    provider: section.provider,
    url: base(section.url),
    server: serverOf(section.server ?? new URL(section.url).hostname),
    password: section.password ?? null,
    key: section.key ?? null,
    secret: section.secret ?? null,
    ca: section.ca ?? null,
  };
}

function serverOf(text: string): { readonly address: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  return { address: bracketed ?? plain ?? text, port: port === undefined ? 53 : Number(port) };
}

function authentikOf(section: SystemsSection['authentik']): Systems['authentik'] {
  if (section === undefined) return null;
  return {
    url: base(section.url),
    token: section.token,
    outpost: section.outpost ?? null,
    outpostUrl: base(section.outpost_url ?? section.url),
    authorizationFlow: section.authorization_flow ?? 'default-provider-authorization-implicit-consent',
    invalidationFlow: section.invalidation_flow ?? 'default-provider-invalidation-flow',
    ca: section.ca ?? null,
  };
}

function glanceOf(section: SystemsSection['glance']): Systems['glance'] {
  if (section === undefined) return null;
  return {
    host: section.host,
    config: section.config,
    container: section.container ?? null,
    configInside: section.config_inside ?? '/app/config/glance.yml',
    reload: section.reload ?? 'watch',
    url: section.url ?? null,
  };
}

function notifyOf({ discord, ntfy, webhook }: SystemsSection): Systems['notify'] {
  return {
    discord: discord === undefined ? null : { webhook: discord.webhook },
    ntfy: ntfy === undefined ? null : { url: base(ntfy.url), topic: ntfy.topic, token: ntfy.token ?? null },
    webhook: webhook === undefined ? null : { url: webhook.url, token: webhook.token ?? null },
  };
}

/** Paths are put behind it, so it ends without a slash. */
function base(url: string): string;
function base(url: string | undefined): string | undefined;
function base(url: string | undefined): string | undefined {
  return url?.replace(/\/+$/, '');
}
