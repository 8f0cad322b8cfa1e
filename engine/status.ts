import { problemsOf, unknownService, type Reading } from './catalogue.ts';
import { inEnvironment, type EngineContext } from './context.ts';
import { fail } from './drafted.ts';
import type { FleetStatus } from './face.ts';
import { withHostHoldings } from './holdings/index.ts';
import { lastDefinition } from './last-definition.ts';
import { observeStatus } from './observe-status.ts';
import { observeSystems, once } from './observe-systems.ts';
import type { Owned, Scope, Source } from './ports.ts';
import { scopeOf } from './scope-of.ts';
import type { Problem } from './problems.ts';
import { authorise, defaultEnvironment, unknownEnvironment } from './propose.ts';
import { readStatistics } from './statistics.ts';
import { notDeployed } from './status-lights.ts';
import type { Actor, DeploymentRecord, Result, ServiceStatus } from './types.ts';

export interface StatusQuery {
  readonly service?: string;
  readonly environment?: string;
}

/** Reads Git, every host and every system around the services, in parallel, and folds in what the store knows. Changes nothing. */
export async function status(
  everywhere: EngineContext,
  { query, actor }: { readonly query: StatusQuery; readonly actor: Actor },
  signal: AbortSignal,
): Promise<Result<FleetStatus>> {
  const environment = query.environment ?? defaultEnvironment(everywhere);
  if (!everywhere.environments.includes(environment))
    return fail(unknownEnvironment(environment, everywhere.environments));
  const denied = authorise(everywhere, actor, { capability: 'view', environment, action: 'status' });
  if (denied !== null) return fail(denied);
  const context = await inEnvironment(everywhere, environment, signal);
  const observed = await Promise.all(
    context.sources.map((source) => observe(context, { source, environment, query }, signal)),
  );
  const services = observed.flatMap((part) => part.services);
  const problems = observed.flatMap((part) => part.problems);
  const defined = observed.flatMap((part) => part.defined);
  if (query.service !== undefined && services.length === 0)
    return problems.length > 0 ? { ok: false, problems } : fail(unknownService(query.service, defined));
  const concerns = (record: { readonly plan: DeploymentRecord['plan'] }): boolean =>
    record.plan.environment === environment &&
    (query.service === undefined || record.plan.services.some(({ name }) => name === query.service));
  return {
    ok: true,
    value: {
      environment,
      revision: observed[0]?.revision ?? '',
      services,
      problems,
      pending: context.store.proposals.pending().filter(concerns),
      running: context.store.deployments
        .unfinished()
        .filter((record) => record.outcome === null && concerns(record)),
      attention: needAttention(context.store.deployments.recent(200)).filter(concerns),
      history:
        query.service === undefined
          ? []
          : context.store.deployments.ofService(query.service, 200).filter(concerns).slice(0, 5),
      statistics: readStatistics(context.store, {
        ...{ environment, service: query.service ?? null, now: context.clock.now() },
      }),
    },
  };
}

interface Observed {
  readonly revision: string;
  readonly services: readonly ServiceStatus[];
  readonly problems: readonly Problem[];
  readonly defined: Reading['fleet']['services'];
}

async function observe(
  context: EngineContext,
  {
    source,
    environment,
    query,
  }: { readonly source: Source; readonly environment: string; readonly query: StatusQuery },
  signal: AbortSignal,
): Promise<Observed> {
  const reading = await context.catalogue.read({ source, environment }, signal);
  if (!reading.ok) return { revision: '', services: [], problems: reading.problems, defined: [] };
  const { commit, fleet, problems } = reading.value;
  const own = query.service === undefined ? problems : problemsOf(source, reading.value, query.service);
  const asked = await lookedAt(context, { source, environment, query, fleet, own }, signal);
  const { ports } = context;
  const known = { environment, since: context.store.holdings.since, ports };
  const [found, around] = await Promise.all([
    // What runs has nothing to do with what is held: a host that is down holds up one of the two.
    observeStatus(asked, ports, signal),
    withHostHoldings(asked, known, signal).then((scope) => observeSystems(scope, ports, signal)),
  ]);
  const present = new Set(fleet.services.map(({ name }) => name));
  return {
    revision: commit,
    services: found.statuses
      .map((status) => ({ ...status, systems: around.systems.get(status.service) ?? [] }))
      .map((status) => (present.has(status.service) ? status : gone(status)))
      .map((status) => (isNotYet(context, status, environment) ? notYet(status) : status)),
    problems: once([...own, ...found.problems, ...around.problems]),
    defined: fleet.services,
  };
}

/** What is defined and asked for; a service that was removed is looked at as it last was. */
async function lookedAt(
  context: EngineContext,
  input: {
    readonly source: Source;
    readonly environment: string;
    readonly query: StatusQuery;
    readonly fleet: Reading['fleet'];
    readonly own: readonly Problem[];
  },
  signal: AbortSignal,
): Promise<Scope> {
  const { source, environment, query, fleet, own } = input;
  const wanted = fleet.services.filter(({ name }) => query.service === undefined || name === query.service);
  const ownedBy = (name: string): Owned => context.store.holdings.of(name, environment);
  const services = wanted.map(
    (service) => ({ want: 'present', name: service.name, service, owned: ownedBy(service.name) }) as const,
  );
  if (query.service === undefined || wanted.length > 0 || own.length > 0)
    return scopeOf(context, fleet, services);
  const request = { service: query.service };
  const service = await lastDefinition(context, { source, request, environment }, signal);
  if (service === null) return scopeOf(context, fleet, services);
  const { name } = service;
  const gone = { want: 'absent', name, service, deleteVolumes: false, owned: ownedBy(name) } as const;
  return scopeOf(context, fleet, [gone]);
}

/** What the light of a service says that nobody ever deployed. */
export const notDeployedYet = 'not deployed yet';

/** Nothing of it is on its host, and the record knows of nothing that ever brought it there. */
function isNotYet(
  { store }: EngineContext,
  { service, desired, containers, release }: ServiceStatus,
  environment: string,
): boolean {
  if (desired.text !== notDeployed || containers.length > 0 || release !== null) return false;
  return store.deployments
    .ofService(service, 200)
    .every(
      ({ plan, outcome }) => plan.environment !== environment || outcome === null || outcome === 'cancelled',
    );
}

function notYet(status: ServiceStatus): ServiceStatus {
  return {
    ...status,
    desired: { state: 'none', text: notDeployedYet },
    running: { ...status.running, state: 'none' },
  };
}

/** For a service that is not in Git any more, nothing running is as it should be. */
function gone(status: ServiceStatus): ServiceStatus {
  return status.containers.length > 0
    ? { ...status, desired: { state: 'bad', text: 'not in Git any more' } }
    : {
        ...status,
        desired: { state: 'none', text: 'not in Git any more' },
        ...(status.running.state === 'unknown'
          ? {}
          : { running: { state: 'none', text: 'nothing runs' } as const }),
      };
}

/** Pure: interrupted or unfinished business, unless the same service has been deployed well since. Newest first. */
export function needAttention(newestFirst: readonly DeploymentRecord[]): readonly DeploymentRecord[] {
  const settled = new Set<string>();
  return newestFirst.filter(({ outcome, plan }) => {
    const names = plan.services
      .filter(({ action }) => action !== 'none')
      .map(({ name }) => `${plan.environment}/${name}`);
    const open =
      (outcome === 'interrupted' || outcome === 'needs-attention') &&
      names.some((name) => !settled.has(name));
    if (outcome === 'succeeded' || outcome === 'degraded' || outcome === 'rolled-back')
      names.forEach((name) => settled.add(name));
    return open;
  });
}
