import pLimit, { type LimitFunction } from 'p-limit';
import type { Ports, Scope, ScopedService } from './ports.ts';
import { type Problem, toProblem } from './problems.ts';
import { type Standing, standing } from './stages/deploy/compare.ts';
import { decide } from './stages/deploy/decide.ts';
import { desire } from './stages/deploy/desired.ts';
import { type FoundContainer, type HostObservation, nowhere } from './stages/deploy/found.ts';
import { observeHost } from './stages/deploy/observe.ts';
import { endpointUrl } from './stages/verify/check-endpoint.ts';
import { inspectContainer } from './stages/verify/inspect.ts';
import { healthOf } from './stages/verify/judge.ts';
import { desiredLight, endpointLight, healthLight, runningLight } from './status-lights.ts';
import type { ContainerStatus, HostEntry, Light, Service, ServiceStatus } from './types.ts';

export interface FleetObservation {
  readonly statuses: readonly ServiceStatus[];
  /** Hosts that could not be asked; their services have lights that say `unknown`. */
  readonly problems: readonly Problem[];
}

/** Looks at all hosts in parallel. Registries are left alone: this is about what runs, not about what could. */
export async function observeStatus(
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<FleetObservation> {
  const asking = pLimit(endpointsAtOnce);
  const names = [...new Set(scope.services.map(({ service }) => service.host))];
  const parts = await Promise.all(
    names.map(async (name): Promise<FleetObservation> => {
      const scoped = scope.services.filter(({ service }) => service.host === name);
      const entry = scope.inventory.hosts[name];
      const unknown = (problem: Problem): FleetObservation => ({
        statuses: scoped.map(unknownStatus),
        problems: [problem],
      });
      if (entry === undefined)
        return unknown({ code: 'host-unknown', message: `sentinel.yml does not list the host “${name}”.` });
      return observeOne({ entry, scoped, ports, asking }, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        return unknown(toProblem(error));
      });
    }),
  );
  const byName = new Map(parts.flatMap(({ statuses }) => statuses).map((status) => [status.service, status]));
  return {
    statuses: scope.services.flatMap(({ name }) => byName.get(name) ?? []),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

interface Asking {
  readonly entry: HostEntry;
  readonly scoped: readonly ScopedService[];
  readonly ports: Ports;
  /** Shared by all hosts. */
  readonly asking: LimitFunction;
}

/** Enough for a fleet within a second or two, and few enough for the machine that asks. */
const endpointsAtOnce = 32;
const endpointTimeoutMs = 3000;

async function observeOne(
  { entry, scoped, ports, asking }: Asking,
  signal: AbortSignal,
): Promise<FleetObservation> {
  const host = ports.host(entry);
  const observation = await observeHost(host, scoped, { askRegistries: false }, signal);
  const limit = pLimit(4);
  const statuses = await Promise.all(
    scoped.map(async (item): Promise<ServiceStatus> => {
      const { service } = item;
      const place = observation.places.get(service.installPath) ?? nowhere(service.installPath);
      const found = standing(service, observation, place);
      const isUp = found.containers.some(({ state }) => state === 'running');
      const answering = isUp ? asking(() => askHealth(service, entry, ports, signal)) : Promise.resolve(null);
      const containers = await Promise.all(
        found.containers.map((container) =>
          limit(async () =>
            containerStatus(container, found, {
              observation,
              inspection: await inspectContainer(host, container.id, signal),
            }),
          ),
        ),
      );
      const endpoint = await answering;
      return {
        ...base(item),
        desired: compareWithGit(item, observation, ports),
        running: runningLight(found),
        health: healthLight(containers, endpoint),
        containers,
        release: found.current,
        url: addressOf(item, entry),
        systems: [],
      };
    }),
  );
  return { statuses, problems: [] };
}

/** Asks the endpoint of the definition once, as verify would. */
async function askHealth(
  { checks: { http } }: Service,
  { address }: HostEntry,
  { probe }: Ports,
  signal: AbortSignal,
): Promise<Light | null> {
  if (http === null) return null;
  return endpointLight(http, await probe.http(endpointUrl(address, http), endpointTimeoutMs, signal));
}

function compareWithGit(item: ScopedService, observation: HostObservation, ports: Ports): Light {
  if (item.want !== 'present') return { state: 'none', text: 'not in Git' };
  try {
    const { files, envHash } = desire(item.service, ports.secrets);
    return desiredLight(decide(item, { files, envHash }, observation));
  } catch (error) {
    return { state: 'unknown', text: toProblem(error).message };
  }
}

function containerStatus(
  container: FoundContainer,
  { current }: Standing,
  seen: {
    readonly observation: HostObservation;
    readonly inspection: Awaited<ReturnType<typeof inspectContainer>>;
  },
): ContainerStatus {
  const name = container.service ?? container.name;
  const recorded = current?.images[name];
  return {
    name,
    container: container.name,
    // Docker shows an id once the tag moved away; the release remembers the name.
    image: recorded?.id === container.imageId ? recorded.reference : container.image,
    digest: seen.observation.images.get(container.imageId)?.digests[0] ?? null,
    state: container.state,
    health: healthOf(container),
    restarts: seen.inspection?.restarts ?? 0,
    startedAt: seen.inspection?.startedAt ?? null,
  };
}

function base({ service }: ScopedService) {
  const { name, displayName, category, host } = service;
  return { service: name, displayName, category, host };
}

function unknownStatus(item: ScopedService): ServiceStatus {
  const light: Light = { state: 'unknown', text: 'the host could not be asked' };
  return {
    ...base(item),
    desired: light,
    running: light,
    health: light,
    containers: [],
    release: null,
    url: null,
    systems: [],
  };
}

/** Where a person would look: its route, else the health endpoint's port, else the port that is checked. */
function addressOf({ service: { checks, route } }: ScopedService, { address }: HostEntry): string | null {
  if (route !== null) return `${route.tls === null ? 'http' : 'https'}://${route.hostname}/`;
  const port = checks.http?.port ?? checks.port;
  return port === null ? null : `http://${address}:${port}/`;
}
