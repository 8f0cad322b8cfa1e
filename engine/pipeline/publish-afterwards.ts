import type { EngineContext } from '../context.ts';
import type { Problem } from '../problems.ts';
import type { Source } from '../ports.ts';
import { publishDraft } from '../publish-draft.ts';
import type { RunResult } from '../runner.ts';
import type { Story } from '../story.ts';
import type { Draft, Outcome, Proposal } from '../types.ts';
import { withdrawOffer } from './withdraw-offer.ts';

const publishMs = 180_000;

/**
 * The release is back on the host; now Git is made to say so. Where it cannot be, the rollback holds all the same,
 * until the next deployment. Where nothing came of it, Git stays as it is.
 */
export async function publishAfterwards(
  context: EngineContext,
  {
    source,
    draft,
    proposal,
    result,
  }: {
    readonly source: Source;
    readonly draft: Draft;
    readonly proposal: Proposal;
    readonly result: RunResult;
  },
  { story, startedAt }: { readonly story: Story; readonly startedAt: string },
): Promise<RunResult> {
  if (result.undone || result.outcome === 'needs-attention') {
    withdrawOffer(context, proposal, 'The rollback was not carried out.');
    return result;
  }
  // Not to be stopped any more: what was to be stopped is done.
  const signal = AbortSignal.timeout(publishMs);
  const published = await publishDraft(context, { source, draft, proposal }, { story, signal, startedAt });
  if (published.ok) return result;
  return {
    ...result,
    outcome: degraded(result.outcome),
    services: Object.fromEntries(
      Object.entries(result.services).map(([name, outcome]) => [name, degraded(outcome)]),
    ),
    problem: result.problem ?? gitDiffers(proposal, draft, published.problems[0]),
  };
}

const degraded = (outcome: Outcome): Outcome => (outcome === 'succeeded' ? 'degraded' : outcome);

function gitDiffers({ request }: Proposal, { branch }: Draft, problem: Problem | undefined): Problem {
  const service = request.kind === 'rollback' ? request.service : 'the service';
  return {
    ...(problem ?? { code: 'change-refused' }),
    message: `Git still says what ${service} was before, so the next deployment would undo this rollback: ${problem?.message ?? 'the commit was not taken'}`,
    // Of what else could be done, nothing concerns a release that is back.
    hint: `Change ${service} on ${branch} to what runs now.`,
  };
}
