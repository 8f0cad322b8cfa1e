import type { ServiceFile } from '../../schema/index.ts';
import type { Inventory } from '../types.ts';
import type { Fault } from './fault.ts';

/** Mistakes in what a definition asks of the systems around the service. */
export function checkAround(file: ServiceFile): readonly Fault[] {
  const { authentik, traefik, deployment } = file;
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
