import type { ApprovalPolicy, PolicyTerms } from './face.ts';
import type { Problem } from './problems.ts';
import type { Actor, ApprovalRule, Plan, Proposal } from './types.ts';

/** Pure: how many people must agree to this plan, and why. The strictest rule of all its services holds. */
export function approvalRule(plan: Plan, policy: ApprovalPolicy): ApprovalRule {
  const changing = plan.services.filter(({ action }) => action !== 'none');
  // A plan may change Git alone; then the rules of all services it names count.
  const terms = (changing.length > 0 ? changing : plan.services).map(({ category }) =>
    termsFor(plan.environment, category, policy),
  );
  const strict = terms.reduce(stricter, terms[0] ?? policy.fallback);
  const always = [...new Set(plan.risks.filter((risk) => risk.alwaysApprove).map(({ message }) => message))];
  const byPolicy =
    strict.required > 0 ? [`the policy for ${plan.environment} asks for ${count(strict.required)}`] : [];
  const reasons = [...byPolicy, ...always];
  // What always needs somebody's agreement needs somebody else's, whatever the policy says.
  return always.length > 0
    ? { ...strict, required: Math.max(1, strict.required), selfApproval: false, reasons }
    : { ...strict, reasons };
}

function termsFor(environment: string, category: string, policy: ApprovalPolicy): PolicyTerms {
  const fits = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);
  return (
    policy.rules.find((rule) => fits(rule.environments, environment) && fits(rule.categories, category)) ??
    policy.fallback
  );
}

function stricter(a: PolicyTerms, b: PolicyTerms): PolicyTerms {
  return {
    required: Math.max(a.required, b.required),
    selfApproval: a.selfApproval && b.selfApproval,
    expiresSeconds: Math.min(a.expiresSeconds, b.expiresSeconds),
    roles:
      a.roles.length === 0
        ? b.roles
        : b.roles.length === 0
          ? a.roles
          : a.roles.filter((role) => b.roles.includes(role)),
  };
}

const count = (n: number): string => (n === 1 ? 'one approval' : `${n} approvals`);

/** Pure: may this person vote on this proposal now? Capabilities are checked elsewhere. */
export function voteProblem(proposal: Proposal, actor: Actor, now: Date): Problem | null {
  const closed = closedProblem(proposal, now);
  if (closed !== null) return closed;
  if (proposal.state !== 'pending')
    return { code: 'already-decided', message: `Nobody has asked for approval of ${proposal.id} yet.` };
  const before = proposal.votes.find(({ by }) => by.id === actor.id);
  if (before !== undefined)
    return { code: 'already-decided', message: `You already voted to ${before.verdict} ${proposal.id}.` };
  return null;
}

/** Pure: may this person approve, as far as the rule of this proposal goes? Rejecting is open to the requester. */
export function approverProblem({ rule, requestedBy, id }: Proposal, actor: Actor): Problem | null {
  if (!rule.selfApproval && requestedBy.id === actor.id)
    return {
      code: 'own-request',
      message: `You asked for ${id} yourself, so somebody else has to approve it.`,
      hint: 'Ask another approver; they can use the button on the request or /approve.',
    };
  if (rule.roles.length > 0 && !rule.roles.some((role) => actor.roles.includes(role)))
    return {
      code: 'not-allowed',
      message: `${id} needs the agreement of somebody with one of the roles the policy names, and you have none of them.`,
      hint: 'The approval policy is in bot.yml.',
    };
  return null;
}

/** Pure: why nothing can be decided about this proposal any more, if so. */
export function closedProblem(
  { id, state, expiresAt, votes, deployment, request }: Proposal,
  now: Date,
): Problem | null {
  switch (state) {
    case 'open':
    case 'pending':
      if (now.toISOString() < expiresAt) return null;
      return expired(id);
    case 'expired':
      return expired(id);
    case 'rejected': {
      const by = votes.find(({ verdict }) => verdict === 'reject')?.by.name ?? 'somebody';
      return { code: 'already-decided', message: `${id} was already rejected by ${by}.` };
    }
    case 'running':
    case 'done': {
      const names = votes.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by.name);
      const by = names.length > 0 ? ` and was approved by ${names.join(', ')}` : '';
      return {
        code: 'already-decided',
        message: `${id} already runs as deployment ${deployment ?? '?'}${by}.`,
      };
    }
    case 'stale':
      if (request.kind === 'gate') return gateClosed(id, request.job.name);
      return {
        code: 'plan-stale',
        message: `${id} is out of date: the world changed after its plan was made.`,
        hint: 'Ask for a new plan.',
      };
  }
}

const gateClosed = (id: string, job: string): Problem => ({
  code: 'already-decided',
  message: `${id} is closed: the job ${job} no longer waits, or would do something else by now.`,
});

const expired = (id: string): Problem => ({
  code: 'proposal-expired',
  message: `${id} waited too long and has expired. Nothing was changed.`,
  hint: 'Ask again; the plan will be made anew.',
});
