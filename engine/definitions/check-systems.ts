import ipaddr from 'ipaddr.js';
import type { SentinelFile } from '../../schema/index.ts';
import type { Fault } from './fault.ts';

/** Mistakes in `systems:` that a schema cannot see. */
export function checkSystems(file: SentinelFile, hosts: readonly string[]): readonly Fault[] {
  return [...unknownHosts(file, hosts), ...badUrls(file), ...badAddresses(file), ...missingKeys(file)];
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
