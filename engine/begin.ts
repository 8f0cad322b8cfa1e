import { inEnvironment, type EngineContext } from './context.ts';
import { draftRequest } from './draft.ts';
import { fail, type Drafted } from './drafted.ts';
import { execute } from './execute.ts';
import type { Decision } from './face.ts';
import { takeGuard, type Guard } from './guard.ts';
import { newId } from './ids.ts';
import { lockItems } from './lock-items.ts';
import type { Pipelines } from './ports.ts';
import { movedSince } from './moved.ts';
import { closedProblem } from './policy.ts';
import { executePipeline } from './pipeline/execute-pipeline.ts';
import { pipelinesOf } from './pipeline/route.ts';
import { withdrawOffer } from './pipeline/withdraw-offer.ts';
import { toProblem, type Problem } from './problems.ts';
import { keep, planDrafted, type Planned } from './propose.ts';
import { acquireHostLocks, type HostLocks } from './stages/deploy/index.ts';
import type { Proposal, ProposalState, Result } from './types.ts';

export interface Beginning {
  readonly proposal: Proposal;
  readonly from: ProposalState;
}

/** Locks, plans again, and runs only if the new plan is the agreed one to the last byte. Returns once it has started. */
export async function begin(
  everywhere: EngineContext,
  beginning: Beginning,
  signal: AbortSignal,
): Promise<Result<Decision>> {
  const { proposal } = beginning;
  const context = await inEnvironment(everywhere, proposal.plan.environment, signal);
  const deployment = newId('d');
  const guard = takeGuard(context, proposal, deployment);
  if ('code' in guard) return fail(guard);
  let handedOver = false;
  try {
    const drafted = await draftAgain(context, proposal, signal);
    if (!drafted.ok) return drafted;
    const byPipeline = proposal.request.route === 'pipeline';
    const pipelines = byPipeline ? pipelinesOf(drafted.value.source) : { ok: true as const, value: null };
    if (!pipelines.ok) return pipelines;
    // Before the survey: what it sees must not change under it. The jobs of a pipeline take these locks themselves.
    if (!byPipeline) {
      const locks = await lockHosts(context, { drafted: drafted.value, proposal, deployment }, signal);
      if (!locks.ok) return locks;
      guard.hold(locks.value);
    }
    const planned = await planDrafted(context, drafted.value, signal);
    if (!planned.ok) return planned;
    if (planned.value.plan.digest !== proposal.plan.digest) return stale(context, beginning, planned.value);
    const started = launch(context, {
      ...{ ...beginning, planned: planned.value, deployment, guard },
      pipelines: pipelines.value,
    });
    handedOver = started.ok;
    return started;
  } finally {
    if (!handedOver) await guard.release();
  }
}

interface Launch extends Beginning {
  readonly planned: Planned;
  readonly deployment: string;
  readonly guard: Guard;
  /** Null where the engine does the work. */
  readonly pipelines: Pipelines | null;
}

function launch(
  context: EngineContext,
  { proposal: { id }, from, planned, deployment, guard, pipelines }: Launch,
): Result<Decision> {
  try {
    // The decision and the deployment's first event are kept together or not at all.
    const started = context.store.atomically(() => {
      if (!context.store.proposals.move(id, [from], 'running', { deployment })) return null;
      const proposal = context.store.proposals.get(id);
      if (proposal === undefined) return null;
      const execution = { proposal, planned, deployment, guard };
      const go =
        pipelines === null ? execute(context, execution) : executePipeline(context, execution, pipelines);
      return { proposal, go };
    });
    if (started === null) return fail(alreadyDecided(context, id));
    started.go();
    return { ok: true, value: { kind: 'started', proposal: started.proposal, deployment } };
  } catch (error) {
    context.log.error(
      { deployment, problem: toProblem(error) },
      'deployment could not be recorded, so it was not started',
    );
    return fail(toProblem(error));
  }
}

function draftAgain(
  context: EngineContext,
  proposal: Proposal,
  signal: AbortSignal,
): Promise<Result<Drafted>> {
  const { request, plan, requestedBy, draft } = proposal;
  return draftRequest(
    context,
    { request, environment: plan.environment, actor: requestedBy, existing: draft },
    signal,
  );
}

/** A draft is known to nobody but us; what it was made on is there for all to see. */
function madeFor({ plan, draft }: Pick<Proposal, 'plan' | 'draft'>): Proposal['plan'] {
  return draft === null ? plan : { ...plan, revision: draft.base };
}

function stale(context: EngineContext, { proposal, from }: Beginning, planned: Planned): Result<Decision> {
  const moved = movedSince(madeFor(proposal), madeFor({ plan: planned.plan, draft: planned.drafted.draft }));
  const { id, request, requestedBy } = proposal;
  const done = context.store.atomically(() => {
    if (!context.store.proposals.move(id, [from], 'stale')) return null;
    context.store.audit.append({ actor: requestedBy, action: 'stale', proposal: id, detail: { moved } });
    const drafted = { ...planned.drafted, ...(request.route === undefined ? {} : { route: request.route }) };
    return keep(context, { request, actor: requestedBy, plan: planned.plan, drafted });
  });
  if (done === null) return fail(alreadyDecided(context, id));
  withdrawOffer(context, proposal, 'The world changed after the plan was made.');
  const now = context.store.proposals.get(id) ?? proposal;
  return { ok: true, value: { kind: 'stale', proposal: now, moved, next: { ok: true, value: done } } };
}

async function lockHosts(
  { ports, store, running }: EngineContext,
  {
    drafted,
    proposal,
    deployment,
  }: { readonly drafted: Drafted; readonly proposal: Proposal; readonly deployment: string },
  signal: AbortSignal,
): Promise<Result<HostLocks>> {
  const items = lockItems(drafted.frame.scope);
  const holder = { id: deployment, who: proposal.requestedBy.name, reason: proposal.id };
  // What an interrupted deployment of ours left locked is ours to take; nobody beats for it any more.
  const dead = store.deployments
    .unfinished()
    .filter(({ id, outcome }) => outcome === 'interrupted' && !running.has(id))
    .map(({ id }) => id);
  return acquireHostLocks({ items, holder, dead }, ports, signal);
}

function alreadyDecided(context: EngineContext, id: string): Problem {
  const now = context.store.proposals.get(id);
  const closed = now === undefined ? null : closedProblem(now, context.clock.now());
  return closed ?? { code: 'already-decided', message: `Somebody else decided ${id} first.` };
}
