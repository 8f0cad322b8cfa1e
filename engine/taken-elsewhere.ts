import type { EngineContext } from './context.ts';
import type { Problem, ProblemCode } from './problems.ts';
import type { Fleet, Inventory, Service } from './types.ts';

/** One thing on one system that only one service can have. */
interface Claim {
  /** The same for everybody who means the same thing, whatever the machine is called there. */
  readonly key: string;
  readonly code: ProblemCode;
  readonly what: string;
}

/**
 * What another environment has deployed where this service wants to be: with it, the one would overwrite the other.
 * Only what really was deployed counts, so that a new environment cannot stand in the way of one that runs.
 */
export function takenElsewhere(
  { catalogue, store }: Pick<EngineContext, 'catalogue' | 'store'>,
  { environment, inventory }: Pick<Fleet, 'environment' | 'inventory'>,
  service: Service,
): readonly Problem[] {
  const wanted = claims(service, inventory);
  const runs = (fleet: Fleet, { name }: Service): boolean =>
    store.deployments
      .ofService(name, 50)
      .some(
        ({ plan, outcome }) =>
          plan.environment === fleet.environment &&
          plan.repository === fleet.repository &&
          (outcome === 'succeeded' || outcome === 'degraded'),
      );
  return catalogue
    .fleets()
    .filter((fleet) => fleet.environment !== environment)
    .flatMap((fleet) =>
      fleet.services.flatMap((other) => {
        const theirs = claims(other, fleet.inventory);
        const claim = wanted.find((mine) => theirs.some((their) => overlaps(mine.key, their.key)));
        return claim !== undefined && runs(fleet, other)
          ? [taken(claim, { service, environment, other, elsewhere: fleet.environment })]
          : [];
      }),
    );
}

function taken(
  { code, what }: Claim,
  {
    service,
    environment,
    other,
    elsewhere,
  }: {
    readonly service: Service;
    readonly environment: string;
    readonly other: Service;
    readonly elsewhere: string;
  },
): Problem {
  return {
    code,
    message: `${service.name} of ${environment} would take ${what} from ${other.name} of ${elsewhere}, which is deployed.`,
    where: service.file,
    hint: `Give it another host, name or domain in ${environment}: in the definition there, or under environments.${environment} in sentinel.yml.`,
  };
}

/** Directories end in `/`, so that one inside another overlaps it; everything else has to be the same. */
function overlaps(one: string, other: string): boolean {
  if (one === other) return true;
  return one.endsWith('/') && other.endsWith('/') && (one.startsWith(other) || other.startsWith(one));
}

function claims(service: Service, inventory: Inventory): readonly Claim[] {
  return [...claimsOnHost(service, inventory), ...claimsOnSystems(service, inventory)];
}

function claimsOnHost(
  { name, host, installPath, containers }: Service,
  inventory: Inventory,
): readonly Claim[] {
  const machine = machineOf(inventory, host);
  if (machine === null) return [];
  const called = containers.flatMap(({ containerName }) => containerName ?? []);
  const ports = containers.flatMap((container) => container.ports);
  return [
    {
      key: `directory ${machine} ${installPath}/`,
      code: 'path-clash',
      what: `the directory ${installPath} on ${host}`,
    },
    {
      key: `project ${machine} ${name}`,
      code: 'duplicate-name',
      what: `the Compose project ${name} on ${host}`,
    },
    ...called.map((container): Claim => ({
      key: `container ${machine} ${container}`,
      code: 'duplicate-name',
      what: `the container ${container} on ${host}`,
    })),
    ...ports.map((port): Claim => ({
      key: `port ${machine} ${port.address ?? ''} ${port.protocol}/${port.host}`,
      code: 'port-clash',
      what: `port ${port.host} of ${host}`,
    })),
  ];
}

/** Files, marks and slugs on the systems around are named after the service, in every environment. */
function claimsOnSystems(
  { name, route, record, signOn, tile }: Service,
  inventory: Inventory,
): readonly Claim[] {
  const { traefik, dns, authentik, glance } = inventory.systems;
  const found: Claim[] = [];
  if (route !== null && traefik !== null) {
    const place = `${machineOf(inventory, traefik.host) ?? ''} ${traefik.directory}`;
    const file = `the route file of ${name} on ${traefik.host}`;
    found.push({ key: `address ${place} ${route.hostname}`, code: 'hostname-clash', what: route.hostname });
    found.push({ key: `route ${place} ${name}`, code: 'duplicate-name', what: file });
  }
  if (record !== null && dns !== null)
    found.push({ key: `record ${dns.url} ${record.name}`, code: 'hostname-clash', what: record.name });
  if (signOn !== null && authentik !== null)
    found.push({
      key: `slug ${authentik.url} ${signOn.slug}`,
      code: 'duplicate-name',
      what: `the slug ${signOn.slug} in Authentik`,
    });
  if (tile !== null && glance !== null)
    found.push({
      key: `tile ${machineOf(inventory, glance.host) ?? ''} ${glance.config} ${name}`,
      code: 'duplicate-name',
      what: `the tile of ${name} on ${glance.host}`,
    });
  return found;
}

function machineOf({ hosts }: Inventory, name: string): string | null {
  const entry = hosts[name];
  return entry === undefined ? null : `${entry.address.toLowerCase()}:${entry.port}`;
}
