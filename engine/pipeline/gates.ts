import type { EngineContext } from '../context.ts';
import type { JobState, PipelineState } from '../forge-port.ts';
import { newId } from '../ids.ts';
import { approvalRule } from '../policy.ts';
import type { Problem } from '../problems.ts';
import { sentinel } from '../sentinel.ts';
import type { ApprovalRule, Proposal } from '../types.ts';
import { isDeployGate } from './acting-jobs.ts';
import type { Following } from './following.ts';
import { gateOf, type Gate } from './gate-of.ts';
import { sameSteps, type GatePlan } from './gate-plan.ts';
import { named } from './named.ts';
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

async function tend(context: EngineContext, following: Following, { state, job }: Gate): Promise<void> {
  const { known, story, record } = following;
  const asked = known().gates.get(job.id);
  if (typeof asked === 'string' || known().settled.has(job.id)) return;
  const gate = await gateOf(context, following, { state, job });
  if (isFurther(following, { state, job }) || !agreedTo(context, following, gate)) {
    ask(context, following, { job, gate, because: `nobody agreed to ${named(job).name} yet` });
    return;
  }
  if (asked === undefined) story.tell({ type: 'gate', job: named(job), proposal: null });
  const played = await playJob(following, { job, gate, approvedBy: record.approvedBy });
  const problem = played.ok ? null : refusedBy(played);
  context.store.atomically(() => {
    story.tell({ type: 'job-played', job: named(job), approvedBy: record.approvedBy, problem });
    // Refused is not decided: whoever agrees lets Sentinel try again.
    if (problem !== null && problem.code !== 'already-decided')
      ask(context, following, { job, gate, because: problem.message });
  });
}

/** Agreeing to a plan lets one job run: the one that deploys. */
function isFurther({ known }: Following, { state, job }: Gate): boolean {
  if (!isDeployGate(state, job)) return true;
  return [...known().gates.keys()]
    .filter((id) => id !== job.id)
    .map((id) => jobOf(state, id))
    .some((other) => other === undefined || isDeployGate(state, other));
}

/** Because the request this pipeline runs for was this very plan, or because the policy asks nobody. */
function agreedTo({ approvals }: EngineContext, { record }: Following, { plan, digest }: GatePlan): boolean {
  const shown = record.plan.risks.map(({ code, service }) => `${code} ${service}`);
  const isSame =
    digest !== null &&
    plan.environment === record.plan.environment &&
    sameSteps(record.plan, plan) &&
    plan.risks.every((risk) => !risk.alwaysApprove || shown.includes(`${risk.code} ${risk.service}`));
  return (record.proposal !== null && isSame) || approvalRule(plan, approvals).required === 0;
}

/** Somebody always has to agree to what is asked, also where the policy would ask nobody. */
function askingRule(rule: ApprovalRule, because: string): ApprovalRule {
  return rule.required > 0 ? rule : { ...rule, required: 1, reasons: [...rule.reasons, because] };
}

/** Asks for approval of what a manual job would do; `because` is said where the policy would ask nobody. */
export function ask(
  context: EngineContext,
  { record, pipelines, source, story, known }: Following,
  { job, gate, because }: { readonly job: JobState; readonly gate: GatePlan; readonly because: string },
): Proposal {
  const { store, clock } = context;
  const { plan } = gate;
  const rule = askingRule(approvalRule(plan, context.approvals), because);
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
    const message = hasBegun(job) ? `${about.name} was started in GitLab.` : `${about.name} no longer waits.`;
    store.atomically(() => {
      if (close(store, id, message))
        story.tell({
          type: 'job-played',
          ...{ job: about, approvedBy: [], problem: { code: 'already-decided', message } },
        });
    });
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

/** False where it was closed, or decided, before. */
function close(store: EngineContext['store'], id: string, because: string): boolean {
  return store.atomically(() => {
    if (!store.proposals.move(id, ['pending'], 'stale')) return false;
    store.audit.append({ actor: sentinel, action: 'stale', proposal: id, detail: { because } });
    return true;
  });
}

const hasBegun = (job: JobState | undefined): boolean =>
  job !== undefined && !['canceled', 'skipped'].includes(job.status);

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
