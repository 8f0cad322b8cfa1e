import { oneLine } from '../../notify/one-line.ts';
import type { ChangePlace } from './change-place.ts';
import { read, readAll, type Reader } from './shapes.ts';

export interface MergeRequest {
  readonly iid: number;
  readonly url: string;
  readonly state: 'opened' | 'closed' | 'locked' | 'merged';
  /** Where its source branch is; empty while GitLab has not looked. */
  readonly commit: string;
  /** `detailed_merge_status`: why it can or cannot be merged. */
  readonly status: string;
  readonly mergeError: string;
  /** Of its newest pipeline; empty without one. */
  readonly pipeline: string;
  /** What came onto the target branch, once merged. */
  readonly landed: string;
  /** Who merged or closed it. */
  readonly by: string;
}
export interface Branches {
  readonly source: string;
  readonly target: string;
}

export function sourceBranch(request: string): string {
  return `sentinel/${request.replace(/[^\w.-]+/g, '-')}`;
}

/** The one that counts among those of a branch: an open one, else a merged one, else a closed one. */
export async function findMergeRequest(
  { gitlab, project }: ChangePlace,
  { source, target }: Branches,
  signal: AbortSignal,
): Promise<MergeRequest | null> {
  const answer = await gitlab.api(signal).mergeRequests.all({
    projectId: project,
    sourceBranch: source,
    targetBranch: target,
    scope: 'all',
    perPage: 20,
    page: 1,
  });
  const found = readAll(answer).map(parseMergeRequest);
  const order: readonly MergeRequest['state'][] = ['opened', 'locked', 'merged', 'closed'];
  const ranked = [...found].sort(
    (one, other) => order.indexOf(one.state) - order.indexOf(other.state) || other.iid - one.iid,
  );
  return ranked[0] ?? null;
}

export async function readMergeRequest(
  { gitlab, project }: ChangePlace,
  iid: number,
  signal: AbortSignal,
): Promise<MergeRequest> {
  return parseMergeRequest(read(await gitlab.api(signal).mergeRequests.show(project, iid)));
}

function parseMergeRequest(request: Reader): MergeRequest {
  const commit = request.textOr('sha', '');
  const by = request.object('merge_user') ?? request.object('merged_by') ?? request.object('closed_by');
  return {
    iid: request.number('iid'),
    url: request.text('web_url'),
    state: parseState(request.text('state')),
    commit,
    status: request.textOr('detailed_merge_status', ''),
    mergeError: oneLine(request.textOr('merge_error', '')),
    pipeline: request.object('head_pipeline')?.textOr('status', '') ?? '',
    // a fast-forward has no commit of its own
    landed: request.textOr('merge_commit_sha', request.textOr('squash_commit_sha', commit)),
    by: by === null ? 'somebody' : oneLine(by.textOr('name', 'somebody')),
  };
}

function parseState(state: string): MergeRequest['state'] {
  return state === 'opened' || state === 'closed' || state === 'merged' ? state : 'locked';
}
