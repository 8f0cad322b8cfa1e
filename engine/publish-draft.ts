import type { Source } from './ports.ts';
import { toProblem, type Problem } from './problems.ts';
import { revertDraft } from './revert-draft.ts';
import type { Story } from './story.ts';
import type { Draft, Proposal } from './types.ts';

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
  const problem = await push(source, draft, signal);
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

async function push(
  { repository }: Source,
  { commit, branch }: Draft,
  signal: AbortSignal,
): Promise<Problem | null> {
  try {
    const pushed = await repository.push(commit, branch, signal);
    return pushed.ok ? null : (pushed.problems[0] ?? toProblem('the push failed'));
  } catch (error) {
    return toProblem(error);
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
