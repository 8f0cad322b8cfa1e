import type { Published, Source } from './ports.ts';
import { publicationOf } from './publication.ts';
import { toProblem, type Problem } from './problems.ts';
import { revertDraft } from './revert-draft.ts';
import type { Story } from './story.ts';
import type { Draft, Proposal, Result } from './types.ts';

/**
 * Publishes the request's commit. Null when it is on the branch; otherwise why the deployment must not go on,
 * with the commit taken back should it have arrived all the same.
 */
export async function publishDraft(
  source: Source,
  { draft, proposal }: { readonly draft: Draft; readonly proposal: Proposal },
  { story, signal }: { readonly story: Story; readonly signal: AbortSignal },
): Promise<Problem | null> {
  const told = { type: 'git', commit: draft.commit, branch: draft.branch } as const;
  story.tell({ ...told, action: 'pushing', problem: null });
  const published = await publish(source, { draft, proposal }, signal);
  const problem = published.ok ? null : (published.problems[0] ?? toProblem('the commit was not published'));
  const arrived = problem === null || (await isPublished(source, { draft, proposal }));
  if (arrived && !signal.aborted) {
    story.tell({ ...told, action: 'pushed', problem: null });
    return null;
  }
  const why = problem ?? toProblem(signal.reason);
  story.tell({ ...told, action: 'pushed', problem: why });
  if (arrived) story.tell(await revertDraft(source, { draft, proposal }));
  return why;
}

async function publish(
  { repository }: Source,
  { draft, proposal }: { readonly draft: Draft; readonly proposal: Proposal },
  signal: AbortSignal,
): Promise<Result<Published>> {
  try {
    return await repository.publish(publicationOf(proposal, { draft, skipPipeline: true }), signal);
  } catch (error) {
    return { ok: false, problems: [toProblem(error)] };
  }
}

/** A push that was cut off may have arrived; only the branch itself can tell. */
async function isPublished(
  { repository }: Source,
  { draft, proposal }: { readonly draft: Draft; readonly proposal: Proposal },
): Promise<boolean> {
  try {
    const { environment } = proposal.plan;
    const found = await repository.resolve(
      { revision: draft.commit, environment },
      AbortSignal.timeout(30_000),
    );
    return found.ok && found.value.onBranch;
  } catch {
    return false;
  }
}
