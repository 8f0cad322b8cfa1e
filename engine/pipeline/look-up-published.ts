import type { Source } from '../ports.ts';
import type { Draft } from '../types.ts';

/** The commit of a branch that is a draft, or the same change as the server made it; null where there is none. */
export async function lookUpPublished(
  { repository, pipelines }: Source,
  {
    draft,
    environment,
    since,
  }: { readonly draft: Draft; readonly environment: string; readonly since: string },
  signal: AbortSignal,
): Promise<string | null> {
  const itself = await repository.resolve({ revision: draft.commit, environment }, signal);
  if (itself.ok && itself.value.onBranch) return draft.commit;
  const head = await repository.resolve({ environment }, signal);
  const found = pipelines === null ? [] : await pipelines.since(since, signal);
  const built = found.filter(({ branch }) => branch === draft.branch).map(({ commit }) => commit);
  for (const commit of new Set([...(head.ok ? [head.value.commit] : []), ...built]))
    if (commit !== draft.base && (await sameContent(commit))) return commit;
  return null;

  async function sameContent(commit: string): Promise<boolean> {
    // A commit that is not in our copy is none of the branch.
    const known = await repository.resolve({ revision: commit, environment }, signal);
    if (!known.ok || !known.value.onBranch) return false;
    return (await repository.diff(draft.commit, commit, signal)).length === 0;
  }
}
