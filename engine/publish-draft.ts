import type { EngineContext } from './context.ts';
import { lookUpPublished } from './pipeline/look-up-published.ts';
import { withdrawOffer } from './pipeline/withdraw-offer.ts';
import type { Published, Source } from './ports.ts';
import { publicationOf } from './publication.ts';
import { toProblem, type Problem } from './problems.ts';
import { revertDraft } from './revert-draft.ts';
import type { Story } from './story.ts';
import type { Draft, Proposal, Result } from './types.ts';

const lookUpMs = 30_000;

interface Publishing {
  readonly source: Source;
  readonly draft: Draft;
  readonly proposal: Proposal;
}

/**
 * Publishes the request's commit for the engine's own work. Answers the commit that is on the branch now, which may
 * be another than the draft; otherwise why the deployment must not go on, with the commit taken back should it have
 * arrived all the same.
 */
export async function publishDraft(
  context: EngineContext,
  { source, draft, proposal }: Publishing,
  {
    story,
    signal,
    startedAt,
  }: { readonly story: Story; readonly signal: AbortSignal; readonly startedAt: string },
): Promise<Result<string>> {
  const told = { type: 'git', branch: draft.branch } as const;
  story.tell({ ...told, action: 'pushing', commit: draft.commit, problem: null });
  const published = await publish({ source, draft, proposal }, signal);
  const problem = published.ok ? null : (published.problems[0] ?? toProblem('the commit was not published'));
  const arrived = published.ok ? published.value : await lookUp({ source, draft, proposal }, startedAt);
  if (arrived !== null && !signal.aborted) {
    const { commit, url } = arrived;
    story.tell({ ...told, action: 'pushed', commit, problem: null, url });
    return { ok: true, value: commit };
  }
  const why: Problem = problem ?? toProblem(signal.reason);
  const commit = arrived?.commit ?? draft.commit;
  story.tell({ ...told, action: 'pushed', commit, problem: why });
  if (arrived === null) withdrawOffer(context, proposal, why.message);
  else story.tell(await revertDraft(source, { draft, proposal, published: commit }));
  return { ok: false, problems: [why] };
}

/** What is published here is done by the engine, so no pipeline shall do it again. */
async function publish(
  { source: { repository, pipelines }, draft, proposal }: Publishing,
  signal: AbortSignal,
): Promise<Result<Published>> {
  try {
    const publication = publicationOf(proposal, { draft, skipPipeline: pipelines !== null });
    return await repository.publish(publication, signal);
  } catch (error) {
    return { ok: false, problems: [toProblem(error)] };
  }
}

/** A push that was cut off may have arrived; only the branch itself can tell. */
async function lookUp({ source, draft, proposal }: Publishing, since: string): Promise<Published | null> {
  const where = { draft, environment: proposal.plan.environment, since };
  try {
    const commit = await lookUpPublished(source, where, AbortSignal.timeout(lookUpMs));
    return commit === null ? null : { commit, url: null };
  } catch {
    return null;
  }
}
