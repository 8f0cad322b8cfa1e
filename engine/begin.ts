import type { EngineContext } from './context.ts';
import { fail } from './drafted.ts';
import { execute } from './execute.ts';
import type { Decision } from './face.ts';
import { newId } from './ids.ts';
import { movedSince } from './moved.ts';
import { closedProblem } from './policy.ts';
import { toProblem, type Problem } from './problems.ts';
import { keep, planRequest, type Planned } from './propose.ts';
import { acquireHostLocks, type HostLocks } from './stages/deploy/index.ts';
import type { Proposal, ProposalState, Result } from './types.ts';

/** A lock nobody has touched for this long belongs to a process that is gone. */
export const STALE_SECONDS = 60;
const BEAT_MS = 15_000;

/** Locks, plans again, and runs only if the new plan is the agreed one to the last byte. Returns once it has started. */
export async function begin(
  context: EngineContext,
  { proposal, from }: { readonly proposal: Proposal; readonly from: ProposalState },
  signal: AbortSignal,
): Promise<Result<Decision>> {
  const deployment = newId('d');
  const locked = lock(context, proposal, deployment);
  if (locked !== null) return fail(locked);
  let handedOver = false;
  try {
    const again = await planAgain(context, proposal, signal);
    if (!again.ok) return again;
    if (again.value.plan.digest !== proposal.plan.digest)
      return await stale(context, { proposal, from, planned: again.value });
    const host = await lockHosts(context, { planned: again.value, proposal, deployment }, signal);
    if (!host.ok) return host;
    const unlock = unlocker(context, deployment, host.value);
    const started = launch(context, { proposal, from, planned: again.value, deployment, unlock });
    handedOver = started.ok;
    if (!started.ok) await host.value.release();
    return started;
  } finally {
    if (!handedOver) context.store.locks.release(deployment);
  }
}

interface Launch {
  readonly proposal: Proposal;
  readonly from: ProposalState;
  readonly planned: Planned;
  readonly deployment: string;
  readonly unlock: () => Promise<void>;
}

function launch(
  context: EngineContext,
  { from, planned, deployment, unlock, ...rest }: Launch,
): Result<Decision> {
  const { id } = rest.proposal;
  if (!context.store.proposals.move(id, [from], 'running', { deployment }))
    return fail(alreadyDecided(context, rest.proposal));
  const proposal = context.store.proposals.get(id) ?? rest.proposal;
  try {
    execute(context, { proposal, planned, deployment, unlock });
  } catch (error) {
    context.log.error(
      { deployment, problem: toProblem(error) },
      'deployment could not be recorded, so it was not started',
    );
    return fail(toProblem(error));
  }
  return { ok: true, value: { kind: 'started', proposal, deployment } };
}

function planAgain(
  context: EngineContext,
  { request, plan, requestedBy, draft }: Proposal,
  signal: AbortSignal,
): Promise<Result<Planned>> {
  return planRequest(
    context,
    { request, environment: plan.environment, actor: requestedBy, existing: draft },
    signal,
  );
}

async function stale(
  context: EngineContext,
  {
    proposal,
    from,
    planned,
  }: { readonly proposal: Proposal; readonly from: ProposalState; readonly planned: Planned },
): Promise<Result<Decision>> {
  if (!context.store.proposals.move(proposal.id, [from], 'stale'))
    return fail(alreadyDecided(context, proposal));
  const moved = movedSince(proposal.plan, planned.plan);
  const { request, requestedBy } = proposal;
  context.store.audit.append({
    actor: requestedBy,
    action: 'stale',
    proposal: proposal.id,
    detail: { moved },
  });
  const next = keep(context, { request, actor: requestedBy, ...planned });
  const now = context.store.proposals.get(proposal.id) ?? proposal;
  return { ok: true, value: { kind: 'stale', proposal: now, moved, next: { ok: true, value: next } } };
}

function lock(
  context: EngineContext,
  { id, plan, requestedBy }: Proposal,
  deployment: string,
): Problem | null {
  const keys = plan.services.map(({ name }) => `service:${plan.environment}/${name}`);
  const result = context.store.locks.acquire(
    keys,
    { id: deployment, who: requestedBy.name, reason: id },
    STALE_SECONDS,
  );
  if (result.held) return null;
  const { key, by } = result;
  if (by.reason === id)
    return { code: 'already-decided', message: `Somebody was faster: ${id} is already being started.` };
  const service = key.slice(key.indexOf('/') + 1);
  return {
    code: 'locked',
    message: `${service} is being changed right now: ${by.reason}, asked for by ${by.who} at ${by.since}.`,
    hint: 'Wait until that deployment has finished, or abort it, then try again.',
  };
}

async function lockHosts(
  { ports, store, running }: EngineContext,
  {
    planned,
    proposal,
    deployment,
  }: { readonly planned: Planned; readonly proposal: Proposal; readonly deployment: string },
  signal: AbortSignal,
): Promise<Result<HostLocks>> {
  const { inventory, services } = planned.drafted.frame.scope;
  const items = services.flatMap(({ service }) => {
    const entry = inventory.hosts[service.host];
    return entry === undefined ? [] : [{ entry, path: service.installPath, service: service.name }];
  });
  const holder = { id: deployment, who: proposal.requestedBy.name, reason: proposal.id };
  // What an interrupted deployment of ours left locked is ours to take; nobody beats for it any more.
  const dead = store.deployments
    .unfinished()
    .filter(({ id, outcome }) => outcome === 'interrupted' && !running.has(id))
    .map(({ id }) => id);
  return acquireHostLocks({ items, holder, dead }, ports, signal);
}

/** Keeps the locks alive while the deployment runs; the returned function ends that and frees them. */
function unlocker(context: EngineContext, deployment: string, host: HostLocks): () => Promise<void> {
  const timer = setInterval(() => {
    try {
      context.store.locks.beat(deployment);
    } catch (error) {
      context.log.warn({ deployment, problem: toProblem(error) }, 'lock heartbeat failed');
    }
  }, BEAT_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    try {
      await host.release();
    } finally {
      context.store.locks.release(deployment);
    }
  };
}

function alreadyDecided(context: EngineContext, proposal: Proposal): Problem {
  const now = context.store.proposals.get(proposal.id) ?? proposal;
  return (
    closedProblem(now, context.clock.now()) ?? {
      code: 'already-decided',
      message: `Somebody else decided ${proposal.id} first.`,
    }
  );
}
