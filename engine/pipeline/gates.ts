import type { EngineContext } from '../context.ts';
import type { JobState, PipelineState } from '../forge-port.ts';
import { newId } from '../ids.ts';
import { oneLine } from '../notify/one-line.ts';
import { approvalRule } from '../policy.ts';
import type { Problem } from '../problems.ts';
import { sentinel } from '../sentinel.ts';
import type { Proposal } from '../types.ts';
import type { Following } from './following.ts';
import { isOfPipeline, readGatePlan, sameSteps, type GatePlan } from './gate-plan.ts';
import { playJob, refusedBy } from './play-job.ts';

/** Looks after the manual jobs a pipeline waits for: those agreed to already run, for the others somebody is asked. */
export async function tendGates(
  context: EngineContext,
  following: Following,
  state: PipelineState,
): Promise<void> {
  for (const [job, proposal] of following.known().gates)
    if (proposal !== null) settle(context, following, { job: jobOf(state, job), proposal });
  // By the jobs: one of a child pipeline also waits while the pipeline that started it goes on, or is over.
  for (const job of state.jobs.filter(waits)) await tend(context, following, { state, job });
}

/** Pure: a manual job nothing goes on without. */
export const waits = ({ status, allowFailure }: JobState): boolean => status === 'manual' && !allowFailure;

async function tend(
  context: EngineContext,
  following: Following,
  { state, job }: { readonly state: PipelineState; readonly job: JobState },
): Promise<void> {
  const { known, story, record } = following;
  const asked = known().gates.get(job.id);
  if (typeof asked === 'string' || known().settled.has(job.id)) return;
  const gate = await readGatePlan(context, following, state);
  if (!agreedTo(context, following, gate)) {
    ask(context, following, { job, gate });
    return;
  }
  if (asked === undefined) story.tell({ type: 'gate', job: named(job), proposal: null });
  const played = await playJob(following, { job, gate, approvedBy: record.approvedBy });
  const problem = played.ok ? null : refusedBy(played);
  story.tell({ type: 'job-played', job: named(job), approvedBy: record.approvedBy, problem });
}

/**
 * Because the request this pipeline runs for was this very plan, or because the policy asks nobody. Where the jobs
 * themselves are others than at the last deployment, an equal plan says too little: nobody was shown that.
 */
function agreedTo({ approvals }: EngineContext, { record }: Following, { plan, digest }: GatePlan): boolean {
  const isSame = digest !== null && sameSteps(record.plan, plan);
  const requested = record.proposal !== null && isSame && !plan.risks.some(isOfPipeline);
  return requested || approvalRule(plan, approvals).required === 0;
}

/** Asks for approval of what a manual job would do. */
export function ask(
  context: EngineContext,
  { record, pipelines, source, story, known }: Following,
  { job, gate }: { readonly job: JobState; readonly gate: GatePlan },
): Proposal {
  const { store, clock } = context;
  const { plan } = gate;
  const rule = approvalRule(plan, context.approvals);
  const now = clock.now();
  const { name: repository } = source.repository;
  const proposal: Proposal = {
    id: newId('p'),
    request: {
      ...{ kind: 'gate', repository, environment: plan.environment, deployment: record.id },
      ...{ pipeline: known().pipeline?.id ?? 0, job: named(job) },
    },
    ...{ plan, rule, requestedBy: record.actor, createdAt: now.toISOString(), state: 'pending', votes: [] },
    expiresAt: new Date(now.getTime() + rule.expiresSeconds * 1000).toISOString(),
    ...{ deployment: null, draft: null, offer: null },
  };
  const detail = {
    ...proposal.request,
    digest: plan.digest,
    project: pipelines.project,
    reasons: rule.reasons,
  };
  // Asked and told, or neither: otherwise a restart in between would ask twice.
  store.atomically(() => {
    store.proposals.create(proposal);
    store.audit.append({ actor: record.actor, action: 'approval-requested', proposal: proposal.id, detail });
    story.tell({ type: 'gate', job: named(job), proposal: proposal.id });
  });
  return proposal;
}

/** What became of a request about a manual job: told once, and closed when the job no longer waits. */
function settle(
  { store }: EngineContext,
  { story, known, playing }: Following,
  { job, proposal: id }: { readonly job: JobState | undefined; readonly proposal: string },
): void {
  const proposal = store.proposals.get(id);
  if (proposal?.request.kind !== 'gate' || playing.has(id)) return;
  const about = proposal.request.job;
  // Its quorum was there when we were cut off before we could let it run: the next approval tries again.
  if (proposal.state === 'running') store.proposals.move(id, ['running'], 'pending');
  if (job?.status !== 'manual') {
    close(store, id, `the job ${about.name} no longer waits`);
    return;
  }
  const problem = left(proposal);
  if (problem === null || known().settled.has(about.id)) return;
  story.tell({ type: 'job-played', job: about, approvedBy: [], problem });
}

/** Requests about the jobs of a pipeline that is over can no longer be decided. */
export function closeGates({ store }: EngineContext, { known }: Following): void {
  for (const proposal of known().gates.values())
    if (proposal !== null) close(store, proposal, 'the pipeline is over');
}

function close(store: EngineContext['store'], id: string, because: string): void {
  store.atomically(() => {
    if (!store.proposals.move(id, ['pending'], 'stale')) return;
    store.audit.append({ actor: sentinel, action: 'stale', proposal: id, detail: { because } });
  });
}

/** Why nobody lets a job run although it waits. */
function left({ id, state, votes, request }: Proposal): Problem | null {
  const job = request.kind === 'gate' ? request.job.name : '';
  const hint = 'The pipeline goes on waiting: stop it with Abort, or decide about the job in GitLab.';
  if (state === 'rejected') {
    const by = votes.findLast(({ verdict }) => verdict === 'reject')?.by.name ?? 'Somebody';
    return { code: 'already-decided', message: `${by} rejected ${id}, so ${job} does not run.`, hint };
  }
  if (state === 'expired')
    return {
      code: 'proposal-expired',
      message: `Nobody decided ${id} in time, so ${job} does not run.`,
      hint,
    };
  return null;
}

const jobOf = ({ jobs }: PipelineState, id: number): JobState | undefined =>
  jobs.find((job) => job.id === id);
/** A job as events and requests name it. */
export const named = ({ id, name }: JobState): { readonly id: number; readonly name: string } => ({
  id,
  name: oneLine(name, 100),
});
