import type { Happening } from './events.ts';
import type { CommitDraft, Source } from './ports.ts';
import { toProblem } from './problems.ts';
import type { Actor, Draft, Proposal, Result } from './types.ts';

const sentinel: Actor = { id: 'sentinel', name: 'Sentinel', roles: [] };

/** Takes a published commit back after its deployment was undone, so that Git says what runs. Never throws. */
export async function revertDraft(
  source: Source,
  { draft, proposal }: { readonly draft: Draft; readonly proposal: Proposal },
): Promise<Extract<Happening, { type: 'git' }>> {
  const told = { type: 'git', action: 'reverted', branch: draft.branch } as const;
  try {
    const commit = await revert(source, { draft, proposal });
    return commit.ok
      ? { ...told, commit: commit.value, problem: null }
      : { ...told, commit: null, problem: commit.problems[0] ?? toProblem('the revert failed') };
  } catch (error) {
    return { ...told, commit: null, problem: toProblem(error) };
  }
}

async function revert(
  { repository }: Source,
  { draft, proposal }: { readonly draft: Draft; readonly proposal: Proposal },
): Promise<Result<string>> {
  const signal = AbortSignal.timeout(60_000);
  const head = await repository.resolve({ environment: proposal.plan.environment }, signal);
  if (!head.ok) return head;
  const [before, ours, now] = await Promise.all(
    [draft.base, draft.commit, head.value.commit].map((commit) => repository.tree(commit, signal)),
  );
  if (before === undefined || ours === undefined || now === undefined) throw new Error('a tree is missing');
  const files: { path: string; text: string | null }[] = [];
  for (const { path } of await repository.diff(draft.base, draft.commit, signal)) {
    if (now.blob(path) !== ours.blob(path))
      return { ok: false, problems: [changedSince(path, draft.branch)] };
    files.push({ path, text: before.read(path) ?? null });
  }
  const commit = await repository.commit(
    {
      base: head.value.commit,
      files,
      message: message(draft, proposal),
      author: sentinel,
    } satisfies CommitDraft,
    signal,
  );
  if (!commit.ok) return commit;
  const pushed = await repository.push(commit.value, head.value.branch, signal);
  return pushed.ok ? commit : pushed;
}

function message({ commit }: Draft, { id, requestedBy }: Proposal): string {
  return `revert: take back ${commit.slice(0, 8)}\n\nThe deployment of request ${id} by ${requestedBy.name} was undone.`;
}

const changedSince = (path: string, branch: string) =>
  ({
    code: 'branch-moved',
    message: `${path} was changed again on ${branch} in the meantime, so the commit of this deployment was left there.`,
    hint: 'Set the file to what runs, or deploy what it says.',
  }) as const;
