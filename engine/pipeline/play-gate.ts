import type { EngineContext } from '../context.ts';
import { fail } from '../drafted.ts';
import type { Decision } from '../face.ts';
import type { JobState } from '../forge-port.ts';
import { movedSince } from '../moved.ts';
import { closedProblem } from '../policy.ts';
import { toProblem, type Problem } from '../problems.ts';
import { sentinel } from '../sentinel.ts';
import type { Proposal, Result } from '../types.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';
import { gateOf } from './gate-of.ts';
import type { GatePlan } from './gate-plan.ts';
import { ask, waits } from './gates.ts';
import { named } from './named.ts';
import { noLonger, playJob, refusedBy } from './play-job.ts';

/** Enough people agreed: the job runs, if it still waits and would still do what they were shown. */
export async function playGate(context: EngineContext, proposal: Proposal): Promise<Result<Decision>> {
  const { id, request } = proposal;
  const { store, running } = context;
  const following = request.kind === 'gate' ? running.get(request.deployment)?.following : undefined;
  if (request.kind !== 'gate' || following === undefined) return fail(retire(context, id, notFollowed(id)));
  // Of two approvals at the same moment one goes on from here.
  if (!store.proposals.move(id, ['pending'], 'running')) return fail(decided(context, id));
  following.playing.add(id);
  try {
    return await recheckAndPlay(context, following, proposal);
  } catch (error) {
    // Nothing is known to have happened: whoever approves next tries again.
    store.proposals.move(id, ['running'], 'pending');
    return fail(toProblem(error));
  } finally {
    following.playing.delete(id);
    following.waker.wake();
  }
}

async function recheckAndPlay(
  context: EngineContext,
  following: Following,
  proposal: Proposal,
): Promise<Result<Decision>> {
  const { id, request, plan } = proposal;
  const pipeline = request.kind === 'gate' ? request.pipeline : 0;
  const state = await following.pipelines.read(pipeline, callSignal(following));
  const wanted = request.kind === 'gate' ? request.job : { id: 0, name: '' };
  const job = state.jobs.find((candidate) => candidate.id === wanted.id);
  if (job === undefined || !waits(job) || following.known().aborting)
    return fail(retire(context, id, noLonger(wanted)));
  const gate = await gateOf(context, following, { state, job });
  if (gate.plan.digest !== plan.digest) return askAgain(context, following, { proposal, job, gate });
  return play(context, following, { proposal, job, gate });
}

interface Played {
  readonly proposal: Proposal;
  readonly job: JobState;
  readonly gate: GatePlan;
}

async function play(
  { store }: EngineContext,
  following: Following,
  { proposal, job, gate }: Played,
): Promise<Result<Decision>> {
  const { id } = proposal;
  const approvedBy = proposal.votes.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by.name);
  const played = await playJob(following, { job, gate, approvedBy });
  const problem = played.ok ? null : refusedBy(played);
  const elsewhere = problem?.code === 'already-decided';
  const deployment = following.record.id;
  store.atomically(() => {
    if (problem === null) store.proposals.move(id, ['running'], 'done', { deployment });
    else store.proposals.move(id, ['running'], elsewhere ? 'stale' : 'pending');
    if (problem === null || elsewhere)
      following.story.tell({ type: 'job-played', job: named(job), approvedBy, problem });
  });
  if (problem !== null) return fail(problem);
  return { ok: true, value: { kind: 'started', proposal: store.proposals.get(id) ?? proposal, deployment } };
}

/** The pipeline made another plan meanwhile, as when its plan job was run again. */
function askAgain(
  context: EngineContext,
  following: Following,
  { proposal, job, gate }: Played,
): Result<Decision> {
  const { store } = context;
  const { id } = proposal;
  const moved = movedSince(proposal.plan, gate.plan);
  const next = store.atomically(() => {
    store.proposals.move(id, ['running'], 'stale');
    store.audit.append({ actor: sentinel, action: 'stale', proposal: id, detail: { moved } });
    return ask(context, following, { job, gate, because: 'the plan is another one by now' });
  });
  const now = store.proposals.get(id) ?? proposal;
  return { ok: true, value: { kind: 'stale', proposal: now, moved, next: { ok: true, value: next } } };
}

/** Closes a request nothing can come of any more. */
function retire({ store }: EngineContext, id: string, problem: Problem): Problem {
  store.atomically(() => {
    if (!store.proposals.move(id, ['pending', 'running'], 'stale')) return;
    const detail = { because: problem.message };
    store.audit.append({ actor: sentinel, action: 'stale', proposal: id, detail });
  });
  return problem;
}

function decided({ store, clock }: EngineContext, id: string): Problem {
  const now = store.proposals.get(id);
  const closed = now === undefined ? null : closedProblem(now, clock.now());
  return closed ?? { code: 'already-decided', message: `Somebody else decided ${id} first.` };
}

const notFollowed = (id: string): Problem => ({
  code: 'already-decided',
  message: `The pipeline ${id} is about is over.`,
});
