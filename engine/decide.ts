import { begin } from './begin.ts';
import type { EngineContext } from './context.ts';
import { fail } from './drafted.ts';
import type { Decision } from './face.ts';
import { oneLine } from './notify/one-line.ts';
import type { Problem } from './problems.ts';
import { approverProblem, closedProblem, voteProblem } from './policy.ts';
import { authorise, capabilityToRun } from './propose.ts';
import { playGate } from './pipeline/play-gate.ts';
import { withdrawOffer } from './pipeline/withdraw-offer.ts';
import { publicationOf } from './publication.ts';
import type { Actor, Offer, Proposal, Result, Vote } from './types.ts';

/** `open` → `pending`: from now on approvers may vote. */
export async function requestApproval(
  context: EngineContext,
  { id, actor }: { readonly id: string; readonly actor: Actor },
  signal: AbortSignal,
): Promise<Result<Proposal>> {
  const found = openProposal(context, id, actor);
  if (!found.ok) return found;
  const { rule } = found.value;
  const offered = await offer(context, found.value, signal);
  if (!offered.ok) return offered;
  const expiresAt = new Date(context.clock.now().getTime() + rule.expiresSeconds * 1000).toISOString();
  const { store } = context;
  const done = store.atomically(() => {
    if (!store.proposals.move(id, ['open'], 'pending', { expiresAt, ...offered.value })) return false;
    const detail = { reasons: rule.reasons, required: rule.required };
    store.audit.append({ actor, action: 'approval-requested', proposal: id, detail });
    return true;
  });
  if (!done) return fail(decidedMeanwhile(context, id));
  return { ok: true, value: context.store.proposals.get(id) ?? found.value };
}

/** Where changes are merged, a request's commit is shown while it waits. */
async function offer(
  { sources }: EngineContext,
  proposal: Proposal,
  signal: AbortSignal,
): Promise<Result<{ readonly offer?: Offer }>> {
  const { draft, plan } = proposal;
  const source = sources.find(({ repository }) => repository.name === plan.repository);
  if (draft === null || source === undefined) return { ok: true, value: {} };
  const publication = publicationOf(proposal, { draft, skipPipeline: false });
  const offered = await source.repository.offer(publication, signal);
  // What goes back must not wait for Git; it is made to match afterwards.
  if (!offered.ok) return goesBackFirst(proposal) ? { ok: true, value: {} } : offered;
  return { ok: true, value: offered.value === null ? {} : { offer: offered.value } };
}

const goesBackFirst = ({ request }: Proposal): boolean =>
  request.kind === 'rollback' && request.route === 'engine';

/** Runs an open proposal that needs nobody's agreement. */
export async function start(
  context: EngineContext,
  { id, actor }: { readonly id: string; readonly actor: Actor },
  signal: AbortSignal,
): Promise<Result<Decision>> {
  const found = openProposal(context, id, actor);
  if (!found.ok) return found;
  const { rule } = found.value;
  if (rule.required > 0) {
    const problem = needsApproval(found.value);
    context.store.audit.append({
      actor,
      action: 'denied',
      proposal: id,
      detail: { wanted: 'start without approval', code: problem.code },
    });
    return fail(problem);
  }
  return begin(context, { proposal: found.value, from: 'open' }, signal);
}

export interface VoteInput {
  readonly id: string;
  readonly actor: Actor;
  readonly verdict: Vote['verdict'];
  readonly reason: string | null;
}

/** Counts a vote; the approval that completes the quorum starts the deployment. */
export async function vote(
  context: EngineContext,
  input: VoteInput,
  signal: AbortSignal,
): Promise<Result<Decision>> {
  const proposal = context.store.proposals.get(input.id);
  if (proposal === undefined) return fail(unknownProposal(input.id));
  const refused = mayVote(context, proposal, input);
  if (refused !== null) return fail(refused);
  if (input.verdict === 'reject') return reject(context, proposal, input);
  // With the quorum complete and still nothing running, the start failed before: another approval tries again.
  if (!enough(proposal)) {
    const problem =
      voteProblem(proposal, input.actor, context.clock.now()) ?? castVote(context, proposal, input);
    if (problem !== null) return fail(problem);
  }
  return approved(context, input.id, signal);
}

function castVote(
  { store, clock }: EngineContext,
  { id, plan }: Proposal,
  { actor, verdict, reason }: VoteInput,
): Problem | null {
  const at = clock.now().toISOString();
  return store.atomically(() => {
    if (!store.proposals.vote(id, { by: actor, verdict, reason, at }))
      return { code: 'already-decided', message: `You already voted on ${id}.` };
    const action = verdict === 'approve' ? 'approved' : 'rejected';
    store.audit.append({ actor, action, proposal: id, detail: { reason, digest: plan.digest } });
    return null;
  });
}

function reject(
  context: EngineContext,
  { id, plan }: Proposal,
  { actor, reason }: VoteInput,
): Result<Decision> {
  const { store, clock } = context;
  const done = store.atomically(() => {
    if (!store.proposals.move(id, ['pending'], 'rejected')) return false;
    // Who approved before and now rejects keeps the first vote; the record has both.
    store.proposals.vote(id, { by: actor, verdict: 'reject', reason, at: clock.now().toISOString() });
    store.audit.append({ actor, action: 'rejected', proposal: id, detail: { reason, digest: plan.digest } });
    return true;
  });
  const proposal = store.proposals.get(id);
  if (!done || proposal === undefined) return fail(decidedMeanwhile(context, id));
  withdrawOffer(context, proposal, `${oneLine(actor.name, 80)} rejected it.`);
  wakeFor(context, proposal);
  return { ok: true, value: { kind: 'rejected', proposal } };
}

/** Whoever follows the pipeline a decision is about looks at it now. */
export function wakeFor({ running }: EngineContext, { request }: Proposal): void {
  if (request.kind === 'gate') running.get(request.deployment)?.following?.waker.wake();
}

async function approved(context: EngineContext, id: string, signal: AbortSignal): Promise<Result<Decision>> {
  const proposal = context.store.proposals.get(id);
  if (proposal === undefined) return fail(unknownProposal(id));
  if (enough(proposal) && proposal.request.kind === 'gate') return playGate(context, proposal);
  if (enough(proposal)) return begin(context, { proposal, from: 'pending' }, signal);
  return { ok: true, value: { kind: 'recorded', proposal, missing: quorum(proposal) - approvals(proposal) } };
}

function mayVote(
  context: EngineContext,
  proposal: Proposal,
  { actor, verdict, id }: VoteInput,
): Problem | null {
  const closed = closedProblem(proposal, context.clock.now());
  if (closed !== null) return closed;
  // Who asked may always take the request back.
  if (verdict === 'reject' && proposal.requestedBy.id === actor.id) return null;
  const { environment, risks } = proposal.plan;
  const capability =
    risks.some(({ code }) => code === 'inventory-changed') && verdict === 'approve'
      ? 'administer'
      : 'approve';
  const denied = authorise(context, actor, { capability, environment, action: `${verdict} ${id}` });
  if (denied !== null && proposal.requestedBy.id === actor.id && capability === 'approve')
    return elsewhere(proposal, denied);
  if (denied !== null || verdict === 'reject') return denied;
  const refused = approverProblem(proposal, actor);
  if (refused !== null)
    context.store.audit.append({
      actor,
      action: 'denied',
      proposal: id,
      detail: { wanted: 'approve', code: refused.code },
    });
  return refused;
}

/** Who asked needs another person first of all; a capability helps only where the policy lets them agree to their own. */
function elsewhere({ rule }: Proposal, denied: Problem): Problem {
  const ask = 'Ask an approver; they can use the button on the request or /approve.';
  const grant = rule.selfApproval && denied.hint !== undefined ? ` ${denied.hint}` : '';
  return { ...denied, hint: `${ask}${grant}` };
}

function openProposal(context: EngineContext, id: string, actor: Actor): Result<Proposal> {
  const proposal = context.store.proposals.get(id);
  if (proposal === undefined) return fail(unknownProposal(id));
  const denied = authorise(context, actor, {
    capability: capabilityToRun(proposal.request),
    environment: proposal.plan.environment,
    action: `run ${id}`,
  });
  if (denied !== null) return fail(denied);
  const closed = closedProblem(proposal, context.clock.now());
  if (closed !== null) return fail(closed);
  // Whoever presses would otherwise act in the name of the person the record shows.
  if (proposal.requestedBy.id !== actor.id) return fail(notYours(proposal));
  if (proposal.state === 'pending')
    return fail({
      code: 'already-decided',
      message: `${id} already waits for approval.`,
      hint: 'It is in the notifications channel.',
    });
  if (proposal.plan.steps.length === 0 && proposal.draft === null)
    return fail({
      code: 'nothing-to-do',
      message: 'Everything already is as the plan wants it; there is nothing to run.',
    });
  return { ok: true, value: proposal };
}

const approvals = ({ votes }: Proposal): number =>
  votes.filter(({ verdict }) => verdict === 'approve').length;
const quorum = ({ rule }: Proposal): number => Math.max(1, rule.required);
const enough = (proposal: Proposal): boolean => approvals(proposal) >= quorum(proposal);

function decidedMeanwhile(context: EngineContext, id: string): Problem {
  const proposal = context.store.proposals.get(id);
  const closed = proposal === undefined ? unknownProposal(id) : closedProblem(proposal, context.clock.now());
  return closed ?? { code: 'already-decided', message: `Somebody else decided ${id} at the same moment.` };
}

function needsApproval({ id, rule }: Proposal): Problem {
  return {
    code: 'not-allowed',
    message: `${id} needs ${rule.required === 1 ? 'somebody’s approval' : `${rule.required} approvals`}: ${rule.reasons.join('; ')}.`,
    hint: 'Use “Request approval”.',
  };
}

const notYours = ({ id, requestedBy }: Proposal): Problem => ({
  code: 'not-allowed',
  message: `${id} was made for ${requestedBy.name}.`,
  hint: 'Use /deploy or /rollback to ask in your own name.',
});

const unknownProposal = (id: string): Problem => ({
  code: 'proposal-unknown',
  message: `There is no request ${id}.`,
  hint: '/approve without a request lists those that wait.',
});
