import { describePlan } from './pipeline/description.ts';
import type { Publication } from './ports.ts';
import type { Draft, Proposal } from './types.ts';

/** A request's draft, or another one made for it, on its way to its branch. */
export function publicationOf(
  proposal: Proposal,
  { draft, skipPipeline }: { readonly draft: Draft; readonly skipPipeline: boolean },
): Publication {
  const { id, plan, requestedBy, votes } = proposal;
  return {
    draft,
    environment: plan.environment,
    request: id,
    author: requestedBy,
    approvedBy: votes.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by.name),
    description: describePlan(proposal),
    skipPipeline,
  };
}
