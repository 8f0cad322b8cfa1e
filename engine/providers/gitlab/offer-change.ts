import type { Publication } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import type { Result } from '../../types.ts';
import { fetchHead, type ChangePlace } from './change-place.ts';
import { createCommit } from './commit-change.ts';
import { changeTitle } from './commit-message.ts';
import { makeOnce } from './commit-once.ts';
import { branchHead, messageOf, readCommit, sameFiles } from './history.ts';
import { findMergeRequest, sourceBranch, type MergeRequest } from './merge-request.ts';
import { read } from './shapes.ts';

/** GitLab's own limit. */
const longestTitle = 255;

export interface Opened {
  readonly request: MergeRequest;
  /** The commit that was looked at and is the draft's change; null where it is merged already. */
  readonly tip: string | null;
}

/** Puts a draft on a branch of its own and opens a merge request for it; the one that is there counts. */
export async function openMergeRequest(
  place: ChangePlace,
  publication: Publication,
  signal: AbortSignal,
): Promise<Result<Opened>> {
  const branches = { source: sourceBranch(publication.request), target: publication.draft.branch };
  const existing = await findMergeRequest(place, branches, signal);
  if (existing?.state === 'merged') return { ok: true, value: { request: existing, tip: null } };
  if (existing?.state === 'closed') return { ok: false, problems: [wasClosed(place, existing)] };
  const branch = await ensureBranch(place, { publication, source: branches.source }, signal);
  if (!branch.ok) return branch;
  const look = async (): Promise<Result<Opened> | null> => {
    const request = await findMergeRequest(place, branches, signal);
    return request === null ? null : { ok: true, value: { request, tip: branch.value } };
  };
  const make = async (): Promise<void> => {
    const message = await messageOf(place.git, publication.draft.commit, signal);
    const title = changeTitle(message, place.messageTemplate).slice(0, longestTitle);
    await place.gitlab
      .api(signal)
      .mergeRequests.create(place.project, branches.source, branches.target, title, {
        description: asText(publication.description),
        removeSourceBranch: true,
        ...(place.labels.length === 0 ? {} : { labels: place.labels.join(',') }),
      });
  };
  return makeOnce(place, { branch: branches.target, look, make }, signal);
}

/** The branch with the draft on it, begun at the draft's base; answers its commit. */
async function ensureBranch(
  place: ChangePlace,
  { publication, source }: { readonly publication: Publication; readonly source: string },
  signal: AbortSignal,
): Promise<Result<string>> {
  const { base, commit } = publication.draft;
  let stale = false;
  const look = async (): Promise<Result<string> | null> => {
    const fetched = await fetchHead(place, publication.environment, signal);
    if (!fetched.ok) return fetched;
    const tip = await branchHead(place.git, source, signal);
    if (tip === null) return null;
    const { parents, request } = await readCommit(place.git, tip, signal);
    if (request !== publication.request) return { ok: false, problems: [isNotOurs(place, source)] };
    if (parents[0] === base && (await sameFiles(place.git, [tip, commit], signal)))
      return { ok: true, value: tip };
    stale = true; // made for a plan that was made again since
    return null;
  };
  const make = async (): Promise<void> => {
    const onto = { startSha: base, ...(stale ? { force: true } : {}) };
    // where merging moves the branch to this very commit, its message is the one that counts
    const skipPipeline = publication.skipPipeline && (await isFastForward(place, signal));
    await createCommit(place, { publication, branch: source, onto, skipPipeline }, signal);
  };
  return makeOnce(place, { branch: source, look, make }, signal);
}

async function isFastForward({ gitlab, project }: ChangePlace, signal: AbortSignal): Promise<boolean> {
  return read(await gitlab.api(signal).projects.show(project)).textOr('merge_method', 'merge') === 'ff';
}

/** GitLab obeys lines that begin with a slash: a description must not merge itself. */
export function asText(markdown: string): string {
  return markdown.replace(/^[ \t]*\//gm, '\u200b/');
}

export function wasClosed({ name }: ChangePlace, { iid, by }: MergeRequest): Problem {
  return {
    code: 'change-refused',
    message: `The merge request !${iid} of ${name} was closed by ${by}.`,
    hint: 'Reopen it in GitLab and approve again, or ask for the change anew.',
  };
}

function isNotOurs({ name }: ChangePlace, source: string): Problem {
  return {
    code: 'change-refused',
    message: `The branch ${source} of ${name} holds commits that Sentinel did not make.`,
    hint: 'Delete that branch in GitLab, or keep the commits under another name.',
  };
}
