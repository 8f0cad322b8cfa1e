import type { Publication, Published } from '../../ports.ts';
import type { Result } from '../../types.ts';
import { authorOf } from './author.ts';
import { fetchHead, type ChangePlace } from './change-place.ts';
import { commitMessage } from './commit-message.ts';
import { makeOnce } from './commit-once.ts';
import { draftActions } from './draft-actions.ts';
import { commitsSince, messageOf, sameFiles, type PastCommit } from './history.ts';
import { branchMoved } from './refused-change.ts';
import { takeBack } from './take-back.ts';

/** Brings a draft onto its branch as a commit GitLab makes, under the lock of each file it touches. */
export async function commitChange(
  place: ChangePlace,
  publication: Publication,
  signal: AbortSignal,
): Promise<Result<Published>> {
  const { base, branch } = publication.draft;
  const look = async (): Promise<Result<Published> | null> => {
    const head = await fetchHead(place, publication.environment, signal);
    if (!head.ok) return head;
    const since = await commitsSince(place.git, { base, head: head.value }, signal);
    const landed = since.find(({ request }) => request === publication.request);
    if (landed !== undefined) return settle(place, { publication, landed }, signal);
    if (head.value === base) return null;
    return { ok: false, problems: [branchMoved(place, branch, `moved to ${head.value.slice(0, 8)}`)] };
  };
  const make = () => createCommit(place, { publication, branch, onto: {} }, signal);
  return makeOnce(place, { branch, look, make }, signal);
}

export interface NewCommit {
  readonly publication: Publication;
  readonly branch: string;
  /** Where a branch begins that is not there yet. */
  readonly onto: { readonly startSha?: string; readonly force?: boolean };
  readonly skipPipeline?: boolean;
}

/** The draft's change, made by the server. */
export async function createCommit(
  place: ChangePlace,
  { publication, branch, onto, skipPipeline = publication.skipPipeline }: NewCommit,
  signal: AbortSignal,
): Promise<void> {
  const { draft, author } = publication;
  const actions = await draftActions(place, { from: draft.base, to: draft.commit }, signal);
  const message = commitMessage({
    draft: await messageOf(place.git, draft.commit, signal),
    template: place.messageTemplate,
    publication,
    skipPipeline,
  });
  await place.gitlab
    .api(signal)
    .commits.create(place.project, branch, message, actions, { ...authorOf(place, author), ...onto });
}

/** Nothing locks a branch as such: a commit that came on top of somebody else's is not the one people agreed to. */
async function settle(
  place: ChangePlace,
  { publication, landed }: { readonly publication: Publication; readonly landed: PastCommit },
  signal: AbortSignal,
): Promise<Result<Published>> {
  const { draft } = publication;
  if (await isAsAgreed(place, { publication, landed }, signal)) {
    // the server's commit takes the place of ours
    await place.git.run(['update-ref', '-d', `refs/sentinel/${draft.commit}`], { signal });
    const url = place.pageOf(`commit/${landed.id}`);
    return { ok: true, value: { commit: landed.id, url } };
  }
  const moved = branchMoved(place, draft.branch, 'moved');
  return { ok: false, problems: [await takeBack(place, { publication, landed, moved }, signal)] };
}

export async function isAsAgreed(
  { git }: ChangePlace,
  { publication, landed }: { readonly publication: Publication; readonly landed: PastCommit },
  signal: AbortSignal,
): Promise<boolean> {
  const { base, commit } = publication.draft;
  return landed.parents[0] === base && (await sameFiles(git, [commit, landed.id], signal));
}
