import type { ServiceFile } from '../../schema/index.ts';
import { canonicalAddress } from '../dns-names.ts';
import type { Inventory } from '../types.ts';
import { hostnamesOf } from './around-input.ts';
import type { Fault } from './fault.ts';

/** Mistakes in what a definition asks of the systems around the service. */
export function checkAround(file: ServiceFile, inventory: Inventory): readonly Fault[] {
  return [
    ...checkSections(file),
    ...checkHostnames(file, inventory),
    ...checkAddress(file),
    ...checkSkipPaths(file),
  ];
}

function checkSections({ authentik, traefik, deployment }: ServiceFile): readonly Fault[] {
  const faults: Fault[] = [];
  const published = traefik !== undefined && traefik.enabled !== false;
  if (published && (traefik.port ?? deployment.port) === null)
    faults.push({
      path: ['traefik'],
      message: 'traefik: there is no port requests could go to',
      hint: 'set traefik.port, or take the section out',
    });
  if (authentik?.enabled !== true) return faults;
  const { method = 'forward_auth', oidc } = authentik;
  if (method === 'oidc' && oidc === undefined)
    faults.push({
      path: ['authentik', 'method'],
      message: 'authentik.method: oidc needs authentik.oidc with client_id, client_secret and redirect_uris',
      hint: 'write them as the service itself is set up, or use forward_auth',
    });
  if (method !== 'oidc' && !published)
    faults.push({
      path: ['authentik'],
      message: `authentik: ${method} guards a route, and this definition has none`,
      hint: 'add a traefik section, or use method: oidc',
    });
  return faults;
}

/** Traefik asks for certificates, and DNS servers for records, of whole names only. */
function checkHostnames(file: ServiceFile, inventory: Inventory): readonly Fault[] {
  // Without a readable sentinel.yml this would only repeat what is wrong with it.
  if (inventory.domain !== null || Object.keys(inventory.hosts).length === 0) return [];
  const { route, record } = hostnamesOf({ file, inventory });
  const fault = (name: string | null, path: readonly [string, string]): readonly Fault[] =>
    name === null || name.includes('.')
      ? []
      : [
          {
            path,
            message: `${path[0]}: “${name}” is not a full host name and sentinel.yml has no domain`,
            hint: `set domain in sentinel.yml, or write the whole name: ${path[1]}: ${name}.home.example.net`,
          },
        ];
  return [
    ...fault(route, ['traefik', 'subdomain']),
    ...(record === route ? [] : fault(record, ['dns', 'hostname'])),
  ];
}

function checkAddress({ dns }: ServiceFile): readonly Fault[] {
  if (dns?.ip === undefined || canonicalAddress(dns.ip) !== null) return [];
  return [
    {
      path: ['dns', 'ip'],
      message: `dns.ip: ${dns.ip} is no IP address`,
      hint: 'write an address such as 192.168.40.20, or leave it out for the one of sentinel.yml',
    },
  ];
}

function checkSkipPaths({ authentik }: ServiceFile): readonly Fault[] {
  return (authentik?.skip_paths ?? []).flatMap((expression, index) => {
    const fault = expressionFault(expression);
    if (fault === null) return [];
    return [
      {
        path: ['authentik', 'skip_paths', index],
        message: `authentik.skip_paths[${index}]: ${fault}`,
        hint: 'write a regular expression as Go has them: ^/api/health$',
      },
    ];
  });
}

/** Authentik reads them with Go, which has flags and names of groups written in another way, and cannot look around. */
function expressionFault(expression: string): string | null {
  if (/\(\?<?[=!]/.test(expression)) return `${expression} looks ahead or behind, which Authentik cannot`;
  const here = expression
    .replace(/\(\?[imsU-]+\)/g, '')
    .replace(/\(\?[imsU-]+:/g, '(?:')
    .replaceAll('(?P<', '(?<');
  try {
    new RegExp(here);
    return null;
  } catch {
    return `${expression} is not a regular expression`;
  }
}

/** Two who write one file undo each other: what a service brings must not be what the dashboard stage edits. */
export function checkDashboard(
  {
    host,
    installPath,
    files,
  }: { readonly host: string; readonly installPath: string; readonly files: readonly string[] },
  { systems }: Inventory,
): readonly Fault[] {
  const { glance } = systems;
  if (glance === null || glance.host !== host) return [];
  const same = files.find((name) => `${installPath}/${name}` === glance.config);
  if (same === undefined) return [];
  return [
    {
      path: ['deployment', 'install_path'],
      message: `${glance.config} would be written by this service and edited for the dashboard (systems.glance.config)`,
      hint: `keep ${same} on the host only, or take systems.glance out of sentinel.yml`,
    },
  ];
}
