import type { Problem } from '../../problems.ts';
import type { Publication } from '../../ports.ts';
import type { Result } from '../../types.ts';
import { authorOf } from './author.ts';
import { fetchHead, type ChangePlace } from './change-place.ts';
import { takeBackMessage } from './commit-message.ts';
import { makeOnce } from './commit-once.ts';
import { draftActions } from './draft-actions.ts';
import { commitsSince, messageOf, type PastCommit } from './history.ts';
import { stopPipelines } from './stop-pipelines.ts';

export interface Landed {
  readonly publication: Publication;
  /** The commit that is on the branch and was not agreed to as it is. */
  readonly landed: PastCommit;
}

/**
 * Restores what a commit changed, as a commit of its own, and stops what runs for it. GitLab's revert cannot be told to
 * make no pipeline, and one would undo on the hosts what a rollback just did there. Answers what came of it: `moved`,
 * with what a person has to know besides.
 */
export async function takeBack(
  place: ChangePlace,
  { publication, landed, moved }: Landed & { readonly moved: Problem },
  signal: AbortSignal,
): Promise<Problem> {
  await stopPipelines(place, landed.id, signal);
  const stays = await restore(place, { publication, landed }, signal);
  // GitLab makes a pipeline a moment after its commit: the second look finds what was not there at the first
  const running = await stopPipelines(place, landed.id, signal);
  const problem = stays ?? moved;
  if (running === null) return problem;
  return {
    ...problem,
    message: `${problem.message} ${running}`,
    hint: `Cancel it in GitLab, before it deploys what nobody agreed to. ${problem.hint ?? ''}`.trim(),
  };
}

/** Null when it is taken back, now or before. */
async function restore(
  place: ChangePlace,
  { publication, landed }: Landed,
  signal: AbortSignal,
): Promise<Problem | null> {
  const { branch } = publication.draft;
  const [parent] = landed.parents;
  const look = async (): Promise<Result<null> | null> => {
    const head = await fetchHead(place, publication.environment, signal);
    if (!head.ok) return head;
    const since = await commitsSince(place.git, { base: landed.id, head: head.value }, signal);
    return since.some(({ takesBack }) => takesBack === landed.id) ? { ok: true, value: null } : null;
  };
  const make = async (): Promise<void> => {
    const actions = await draftActions(place, { from: landed.id, to: parent ?? landed.id }, signal);
    const subject = (await messageOf(place.git, landed.id, signal)).split('\n')[0] ?? '';
    const { skipPipeline, author } = publication;
    const message = takeBackMessage({ subject, commit: landed.id, skipPipeline });
    await place.gitlab
      .api(signal)
      .commits.create(place.project, branch, message, actions, authorOf(place, author));
  };
  const taken = await makeOnce(place, { branch, look, make }, signal);
  return taken.ok ? null : notTakenBack(place, { landed, branch }, taken.problems[0]);
}

function notTakenBack(
  { name }: ChangePlace,
  { landed, branch }: { readonly landed: PastCommit; readonly branch: string },
  why: Problem | undefined,
): Problem {
  const reason = why === undefined ? '' : ` ${why.message}`;
  return {
    code: 'change-refused',
    message: `The change is on ${branch} of ${name} as ${landed.id.slice(0, 8)}, on top of something newer than its plan, and could not be taken back.${reason}`,
    hint: 'Look at that commit: revert it there, or plan again for what the branch holds now.',
  };
}
