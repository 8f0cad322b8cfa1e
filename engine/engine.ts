import { createCatalogue } from './catalogue.ts';
import type { EngineContext, RunningDeployment } from './context.ts';
import { requestApproval, start, vote, wakeFor } from './decide.ts';
import { fail } from './drafted.ts';
import { fanOut, type Watcher } from './events.ts';
import type { Engine, EngineOptions } from './face.ts';
import { createAnnouncer } from './notify/index.ts';
import { createOutside } from './pipeline/outside.ts';
import { withdrawOffer } from './pipeline/withdraw-offer.ts';
import { toProblem } from './problems.ts';
import { authorise, capabilityToRun, defaultEnvironment, propose } from './propose.ts';
import { recover } from './recover.ts';
import { listReleases } from './stages/deploy/index.ts';
import { status } from './status.ts';
import { sentinel } from './sentinel.ts';
import type { Actor, DeploymentRecord, Proposal, Release, Result } from './types.ts';

/** How long a stop waits for sinks that do not answer. */
const announceMs = 3_000;

/** Builds the engine front ends talk to. It keeps nothing in memory that a restart may not lose. */
export function createEngine(options: EngineOptions): Engine {
  const context = createContext(options);
  const { store, catalogue } = context;
  const outside = createOutside(context);
  return {
    services: () => catalogue.services(),
    environments: () => context.environments,
    refresh: (signal) => catalogue.refresh(signal),
    propose: (request, actor, signal) => safely(propose(context, { request, actor }, signal)),
    requestApproval: (id, actor, signal) => safely(requestApproval(context, { id, actor }, signal)),
    start: (id, actor, signal) => safely(start(context, { id, actor }, signal)),
    vote: (id, actor, { verdict, reason }, signal) =>
      safely(vote(context, { id, actor, verdict, reason }, signal)),
    abort: (id, actor) => abort(context, id, actor),
    status: (query, actor, signal) => safely(status(context, { query, actor }, signal)),
    releases: (service, environment, signal) => safely(releases(context, { service, environment }, signal)),
    proposal: (id) => store.proposals.get(id),
    pending: () => store.proposals.pending(),
    deployment: (id) => store.deployments.get(id),
    authorise: (actor, capability, environment, action) =>
      authorise(context, actor, { capability, environment, action }),
    recover: () => recover(context),
    pipelineNews: (news) => outside.news(news),
    lookForPipelines: (signal) => outside.look(signal),
    expire: () => expire(context),
    watch: (watcher) => void context.watchers.push(watcher),
    finished: (id) => finished(context, id),
    stop: (ms) => stop(context, ms),
  };
}

function createContext(options: EngineOptions): EngineContext {
  const { hosts, secrets, probe, clock, log, store, sources, environments, systems, notifier } = options;
  const watchers: Watcher[] = [];
  return {
    ...options,
    ports: { host: (entry) => hosts.get(entry), secrets, probe, clock, log, systems },
    catalogue: createCatalogue({ sources, environments, deployments: store.deployments, log }),
    watchers,
    announcer: createAnnouncer({ notifier, secrets, clock, log }),
    emit: (event) =>
      fanOut(
        (e) => store.journal.append(e),
        watchers,
        (error) => log.warn({ problem: toProblem(error) }, 'a watcher failed'),
      )(event),
    running: new Map<string, RunningDeployment>(),
  };
}

/** Nothing but programming errors is thrown to a front end; what adapters throw becomes a problem. */
async function safely<T>(result: Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await result;
  } catch (error) {
    return fail(toProblem(error));
  }
}

function abort(context: EngineContext, id: string, actor: Actor): Result<DeploymentRecord> {
  const record = context.store.deployments.get(id);
  if (record === undefined)
    return fail({ code: 'proposal-unknown', message: `There is no deployment ${id}.` });
  const { environment } = record.plan;
  const denied = authorise(context, actor, {
    capability: capabilityToRun(record.request),
    environment,
    action: `abort ${id}`,
  });
  if (denied !== null) return fail(denied);
  const running = context.running.get(id);
  if (running === undefined)
    return fail({
      code: 'already-decided',
      message: `${id} no longer runs; it ended as ${record.outcome ?? 'interrupted'}.`,
    });
  if (!running.abort.signal.aborted) {
    running.story.tell({ type: 'abort-requested', actor });
    running.abort.abort();
  }
  return { ok: true, value: record };
}

async function releases(
  context: EngineContext,
  {
    service,
    environment = defaultEnvironment(context),
  }: { readonly service: string; readonly environment: string | undefined },
  signal: AbortSignal,
): Promise<Result<readonly Release[]>> {
  const source = await context.catalogue.sourceOf(service, environment, signal);
  if (!source.ok) return source;
  const reading = await context.catalogue.read({ source: source.value, environment }, signal);
  if (!reading.ok) return reading;
  const { services, inventory } = reading.value.fleet;
  const definition = services.find(({ name }) => name === service);
  const entry = definition === undefined ? undefined : inventory.hosts[definition.host];
  if (definition === undefined || entry === undefined) return { ok: true, value: [] };
  return { ok: true, value: await listReleases(definition, entry, context.ports, signal) };
}

function expire(context: EngineContext): readonly Proposal[] {
  const { store, clock } = context;
  const now = clock.now().toISOString();
  return store.proposals
    .pending()
    .filter(({ expiresAt }) => expiresAt <= now)
    .filter(({ id, rule }) =>
      store.atomically(() => {
        if (!store.proposals.move(id, ['pending'], 'expired')) return false;
        store.audit.append({
          actor: sentinel,
          action: 'expired',
          proposal: id,
          detail: { required: rule.required },
        });
        return true;
      }),
    )
    .map((proposal) => {
      withdrawOffer(context, proposal, 'Nobody decided in time.');
      wakeFor(context, proposal);
      return { ...proposal, state: 'expired' };
    });
}

async function finished({ running, store }: EngineContext, id: string): Promise<DeploymentRecord> {
  await running.get(id)?.done;
  const record = store.deployments.get(id);
  if (record === undefined) throw new Error(`there is no deployment ${id}`);
  return record;
}

/** Lets what runs finish; what has not by then is aborted, which unwinds it, and waited for. */
async function stop({ running, log, announcer }: EngineContext, ms: number): Promise<void> {
  // Pipelines go on by themselves and are followed again after the next start.
  for (const { following } of running.values()) following?.detached.abort();
  const all = (): Promise<unknown> => Promise.all([...running.values()].map(({ done }) => done));
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(), ms);
  const waited = new Promise<void>((resolve) => timeUp.signal.addEventListener('abort', () => resolve()));
  await Promise.race([all(), waited]);
  clearTimeout(timer);
  for (const [deployment, { abort: controller, story, following }] of running) {
    if (following !== undefined) continue;
    log.warn({ deployment }, 'deployment is aborted because Sentinel stops');
    if (story.broken === null) story.tell({ type: 'abort-requested', actor: sentinel });
    controller.abort();
  }
  await all();
  await announcer.settle(announceMs);
}
