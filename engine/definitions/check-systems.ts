import ipaddr from 'ipaddr.js';
import type { SentinelFile } from '../../schema/index.ts';
import type { Fault } from './fault.ts';

/** Mistakes in `systems:` that a schema cannot see. */
export function checkSystems(file: SentinelFile, hosts: readonly string[]): readonly Fault[] {
  return [
    ...unknownHosts(file, hosts),
    ...badUrls(file),
    ...badAddresses(file),
    ...missingKeys(file),
    ...wrongPorts(file),
    ...wrongPaths(file),
  ];
}

function unknownHosts({ systems = {} }: SentinelFile, hosts: readonly string[]): readonly Fault[] {
  return (['traefik', 'glance'] as const).flatMap((name) => {
    const host = systems[name]?.host;
    if (host === undefined || hosts.includes(host)) return [];
    return [
      {
        path: ['systems', name, 'host'],
        message: `systems.${name}.host: there is no host “${host}”`,
        hint: `hosts has: ${hosts.join(', ')}`,
      },
    ];
  });
}

/** The schema sees how one begins; whether it is an address, only a parser can tell. */
function badUrls({ systems = {} }: SentinelFile): readonly Fault[] {
  const { traefik, dns, authentik, glance, ntfy, gitlab } = systems;
  const urls = [
    [['traefik', 'api'], traefik?.api],
    [['dns', 'url'], dns?.url],
    [['authentik', 'url'], authentik?.url],
    [['authentik', 'outpost_url'], authentik?.outpost_url],
    [['glance', 'url'], glance?.url],
    [['ntfy', 'url'], ntfy?.url],
    [['gitlab', 'url'], gitlab?.url],
  ] as const;
  return urls.flatMap(([path, url]) =>
    url === undefined || URL.canParse(url)
      ? []
      : [
          {
            path: ['systems', ...path],
            message: `systems.${path.join('.')}: ${url} is no address`,
            hint: 'write it whole, such as https://auth.home.lan or http://192.168.40.53:8080',
          },
        ],
  );
}

/** An address record needs an address, not a name. */
function badAddresses({ systems = {}, hosts }: SentinelFile): readonly Fault[] {
  const { dns, traefik } = systems;
  if (dns === undefined) return [];
  const fault = (path: readonly string[], address: string): Fault => ({
    path,
    message: `${path.join('.')}: ${address} is no IP address, and records point there`,
    hint: 'give an address there, or set systems.dns.target',
  });
  if (dns.target !== undefined)
    return ipaddr.isValid(dns.target) ? [] : [fault(['systems', 'dns', 'target'], dns.target)];
  if (traefik === undefined) return [];
  const { address = hosts[traefik.host]?.address } = traefik;
  return address === undefined || ipaddr.isValid(address)
    ? []
    : [fault(['systems', 'traefik', traefik.address === undefined ? 'host' : 'address'], address)];
}

function missingKeys({ systems = {} }: SentinelFile): readonly Fault[] {
  const { dns } = systems;
  if (dns?.provider !== 'opnsense') return [];
  return (['key', 'secret'] as const).flatMap((name) =>
    dns[name] === undefined
      ? [
          {
            path: ['systems', 'dns'],
            message: `systems.dns: OPNsense needs ${name}, the name of the secret with its API ${name}`,
            hint: 'create an API key for a user with the privilege “Services: Unbound”',
          },
        ]
      : [],
  );
}

function wrongPorts({ systems = {} }: SentinelFile): readonly Fault[] {
  const { server } = systems.dns ?? {};
  const port = Number(/^(?:\[.+\]|[^:]+):(\d+)$/.exec(server ?? '')?.[1] ?? 53);
  if (server === undefined || (port >= 1 && port <= 65_535)) return [];
  return [
    {
      path: ['systems', 'dns', 'server'],
      message: `systems.dns.server: ${port} is not a port`,
      hint: 'write an address, with a port from 1 to 65535 when it is not 53',
    },
  ];
}

interface Base {
  readonly path: readonly string[];
  readonly url: string | undefined;
  /** Paths that belong to a page for people, or that Sentinel puts behind the address itself. */
  readonly wrong: RegExp;
}

/** Addresses copied from a browser lead to a page, not to what programs talk to. */
function wrongPaths({ systems = {} }: SentinelFile): readonly Fault[] {
  const { traefik, dns, authentik, ntfy } = systems;
  const bases: readonly Base[] = [
    { path: ['systems', 'traefik', 'api'], url: traefik?.api, wrong: /\/(dashboard|api)(\/|$)/ },
    {
      path: ['systems', 'dns', 'url'],
      url: dns?.url,
      wrong: dns?.provider === 'opnsense' ? /\/(ui|api)(\/|$)/ : /\/(admin|api)(\/|$)/,
    },
    { path: ['systems', 'authentik', 'url'], url: authentik?.url, wrong: /\/(if|api)(\/|$)/ },
    { path: ['systems', 'ntfy', 'url'], url: ntfy?.url, wrong: /[^/]/ },
  ];
  return bases.flatMap(({ path, url, wrong }) => {
    if (url === undefined || !URL.canParse(url)) return [];
    const { origin, pathname } = new URL(url);
    const found = wrong.exec(pathname);
    if (found === null) return [];
    const base = `${origin}${path[1] === 'ntfy' ? '' : pathname.slice(0, found.index)}`;
    return [
      {
        path,
        message: `${path.join('.')}: ${pathname} does not belong to the base address`,
        hint: path[1] === 'ntfy' ? `write ${base}; the topic is a field of its own` : `write ${base}`,
      },
    ];
  });
}
