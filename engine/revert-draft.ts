import type { Happening } from './events.ts';
import { commitEdits, restoredFiles } from './git-restore.ts';
import type { Source } from './ports.ts';
import { describeRevert } from './pipeline/description.ts';
import { publicationOf } from './publication.ts';
import { toProblem, type Problem } from './problems.ts';
import { sentinel } from './sentinel.ts';
import type { Draft, Proposal, Result } from './types.ts';

interface Reverting {
  readonly draft: Draft;
  readonly proposal: Proposal;
  /** The draft as it is on its branch. */
  readonly published: string;
}

/** Takes a published commit back after its deployment was undone, so that Git says what runs. Never throws. */
export async function revertDraft(
  source: Source,
  { draft, proposal, published }: Reverting,
): Promise<Extract<Happening, { type: 'git' }>> {
  const told = { type: 'git', action: 'reverted', branch: draft.branch } as const;
  try {
    const commit = await revert(source, { draft, proposal, published });
    return commit.ok
      ? { ...told, commit: commit.value, problem: null }
      : { ...told, commit: null, problem: commit.problems[0] ?? toProblem('the revert failed') };
  } catch (error) {
    return { ...told, commit: null, problem: toProblem(error) };
  }
}

async function revert(
  { repository, pipelines }: Source,
  { draft, proposal, published: there }: Reverting,
): Promise<Result<string>> {
  const signal = AbortSignal.timeout(60_000);
  const head = await repository.resolve({ environment: proposal.plan.environment }, signal);
  if (!head.ok) return head;
  const tree = await repository.tree(head.value.commit, signal);
  const files = await restoredFiles({ repository, head: tree, from: draft }, signal);
  const changed = await repository.diff(draft.base, draft.commit, signal);
  if (files.length < changed.length) return { ok: false, problems: [changedSince(draft)] };
  const { id, requestedBy } = proposal;
  const message = `revert: take back ${there.slice(0, 8)}\n\nThe deployment of request ${id} by ${requestedBy.name} was undone.`;
  const commit = await commitEdits(
    { repository, head: head.value, files, message, author: sentinel, existing: null },
    signal,
  );
  if (!commit.ok) return commit;
  const publication = {
    ...publicationOf(proposal, { draft: commit.value, skipPipeline: pipelines !== null }),
    // under the request's own id, what it published would be found and taken for this
    ...{ request: `${id}-revert`, author: sentinel, approvedBy: [] },
    description: describeRevert(proposal, there),
  };
  const published = await repository.publish(publication, signal);
  return published.ok ? { ok: true, value: published.value.commit } : published;
}

const changedSince = ({ branch }: Draft): Problem => ({
  code: 'branch-moved',
  message: `A file of this deployment was changed again on ${branch} in the meantime, so its commit was left there.`,
  hint: 'Set the file to what runs, or deploy what it says.',
});
