import type { Publication, Published } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import type { Result } from '../../types.ts';
import { fetchHead, type ChangePlace } from './change-place.ts';
import { isAsAgreed } from './commit-change.ts';
import { commitMessage } from './commit-message.ts';
import { messageOf, readCommit } from './history.ts';
import { readMergeRequest, type MergeRequest } from './merge-request.ts';
import { verdictOn } from './merge-verdict.ts';
import { openMergeRequest, wasClosed } from './offer-change.ts';
import { branchMoved } from './refused-change.ts';
import { GitlabRefusal, isAmbiguous } from './refusal.ts';
import { takeBack } from './take-back.ts';

export interface MergeLimits {
  /** How long GitLab may take to find a merge request mergeable. */
  readonly deadlineMs: number;
}
interface Merging {
  readonly publication: Publication;
  readonly iid: number;
  /** The commit people agreed to; nothing else is merged. Null where it is merged already. */
  readonly commit: string | null;
}
interface Certain extends Merging {
  readonly commit: string;
}
/** Done, or why not yet. */
type Attempt = { readonly done: Result<Published> } | { readonly notYet: string };

const longestPauseMs = 5_000;

/** Merges what was offered, and offers it first where that did not happen yet. */
export async function mergeChange(
  place: ChangePlace,
  { publication, limits }: { readonly publication: Publication; readonly limits: MergeLimits },
  signal: AbortSignal,
): Promise<Result<Published>> {
  const { clock } = place.gitlab;
  const opened = await openMergeRequest(place, publication, signal);
  if (!opened.ok) return opened;
  // the commit that was looked at, whatever the branch holds by now
  const { tip: commit, request } = opened.value;
  const { iid } = request;
  const until = clock.now().getTime() + limits.deadlineMs;
  for (let pause = 500; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const attempt = await tryMerge(place, { publication, iid, commit }, signal);
    if ('done' in attempt) return attempt.done;
    if (clock.now().getTime() + pause > until) return notMerged(place, iid, attempt.notYet);
    await clock.wait(pause, signal);
  }
}

async function tryMerge(place: ChangePlace, merging: Merging, signal: AbortSignal): Promise<Attempt> {
  const { draft } = merging.publication;
  const request = await readMergeRequest(place, merging.iid, signal);
  if (request.state === 'merged') return { done: await settle(place, { merging, request }, signal) };
  if (request.state === 'closed') return { done: fail(wasClosed(place, request)) };
  if (request.state === 'locked') return { notYet: 'GitLab is merging it' };
  if (request.commit === '') return { notYet: 'GitLab still prepares it' };
  if (request.commit !== merging.commit)
    return { done: notMerged(place, merging.iid, 'somebody added commits that nobody here agreed to') };
  const verdict = verdictOn(request);
  switch (verdict.kind) {
    case 'ready':
      return mergeNow(place, { ...merging, commit: merging.commit }, signal);
    case 'wait':
      return { notYet: verdict.why };
    case 'moved':
      return { done: fail(branchMoved(place, draft.branch, verdict.why)) };
    case 'refused':
      return { done: notMerged(place, merging.iid, verdict.why) };
  }
}

/** Only onto what the plan was made for. */
async function mergeNow(place: ChangePlace, merging: Certain, signal: AbortSignal): Promise<Attempt> {
  const { draft, environment } = merging.publication;
  const head = await fetchHead(place, environment, signal);
  if (!head.ok) return { done: head };
  if (head.value === draft.base) {
    const refused = await sendMerge(place, merging, signal);
    if (refused !== null) return refused;
  }
  // whatever was answered, and whoever was first: what is there counts
  const request = await readMergeRequest(place, merging.iid, signal);
  if (request.state === 'merged') return { done: await settle(place, { merging, request }, signal) };
  if (head.value === draft.base) return { notYet: 'GitLab is merging it' };
  return { done: fail(branchMoved(place, draft.branch, `moved to ${head.value.slice(0, 8)}`)) };
}

/** Null where it may be merged now. */
async function sendMerge(
  place: ChangePlace,
  { publication, iid, commit }: Certain,
  signal: AbortSignal,
): Promise<Attempt | null> {
  const message = commitMessage({
    draft: await messageOf(place.git, publication.draft.commit, signal),
    template: place.messageTemplate,
    publication,
    skipPipeline: publication.skipPipeline,
  });
  try {
    await place.gitlab.api(signal).mergeRequests.merge(place.project, iid, {
      sha: commit,
      shouldRemoveSourceBranch: true,
      mergeCommitMessage: message,
      squashCommitMessage: message,
    });
    return null;
  } catch (error) {
    if (isAmbiguous(error)) return null;
    if (!(error instanceof GitlabRefusal)) throw error;
    const words = error.said === '' ? `GitLab answered ${error.status}` : `GitLab says “${error.said}”`;
    if (error.status === 401 || error.status === 403)
      return { done: notMerged(place, iid, `the user of the token may not merge it: ${words}`) };
    if (error.status === 404) return { done: fail(error.problem) };
    return { notYet: words };
  }
}

async function settle(
  place: ChangePlace,
  { merging, request }: { readonly merging: Merging; readonly request: MergeRequest },
  signal: AbortSignal,
): Promise<Result<Published>> {
  const { publication } = merging;
  const { draft } = publication;
  const head = await fetchHead(place, publication.environment, signal);
  if (!head.ok) return head;
  const landed = await readCommit(place.git, request.landed, signal);
  if (await isAsAgreed(place, { publication, landed }, signal)) {
    await place.git.run(['update-ref', '-d', `refs/sentinel/${draft.commit}`], { signal });
    return { ok: true, value: { commit: landed.id, url: request.url } };
  }
  const what = `has !${request.iid}, merged by ${request.by}, on top of something newer than its plan: it moved`;
  const moved = branchMoved(place, draft.branch, what);
  // a message of ours: the merge was ours too. What a person merged is theirs to keep.
  if (landed.request !== publication.request || landed.id === merging.commit) return fail(moved);
  return fail(await takeBack(place, { publication, landed, moved }, signal));
}

function notMerged({ name }: ChangePlace, iid: number, why: string): Result<never> {
  return fail({
    code: 'change-refused',
    message: `GitLab did not merge !${iid} of ${name}: ${why}.`,
    hint: 'The page of the merge request in GitLab tells more; once that is settled, ask again.',
  });
}

function fail(problem: Problem): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [problem] };
}
