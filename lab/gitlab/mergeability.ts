import { mergedTree } from './git/commits.ts';
import { isAncestor } from './git/repository.ts';
import type { GitlabProject, MergeRequest } from './state.ts';

export type DetailedStatus =
  | 'unchecked'
  | 'checking'
  | 'not_open'
  | 'draft_status'
  | 'broken_status'
  | 'conflict'
  | 'need_rebase'
  | 'not_approved'
  | 'ci_must_pass'
  | 'ci_still_running'
  | 'mergeable';

/** Looking starts the search for an answer; who looks again later gets it. */
export async function look(
  project: GitlabProject,
  request: MergeRequest,
  checkingMs: number,
): Promise<DetailedStatus> {
  if (request.state !== 'opened') return 'not_open';
  if (request.check === 'unchecked') {
    request.check = { until: Date.now() + checkingMs };
    return 'checking';
  }
  return mergeability(project, request);
}

/** Without starting anything, as lists show it. */
export async function mergeability(project: GitlabProject, request: MergeRequest): Promise<DetailedStatus> {
  if (request.state !== 'opened') return 'not_open';
  if (request.check === 'unchecked') return 'unchecked';
  if (Date.now() < request.check.until) return 'checking';
  if (isDraft(request)) return 'draft_status';
  const target = project.known.get(request.target);
  if (target === undefined || !project.known.has(request.source)) return 'broken_status';
  if (request.approvals.length < project.approvalsRequired) return 'not_approved';
  const pipeline = pipelineState(project, request);
  if (project.onlyMergeIfPipelineSucceeds && pipeline !== 'good')
    return pipeline === 'running' ? 'ci_still_running' : 'ci_must_pass';
  if ((await mergedTree(project.repository, target, request.sha)) === null) return 'conflict';
  const behind = project.mergeMethod === 'ff' && !(await isAncestor(project.repository, target, request.sha));
  return behind ? 'need_rebase' : 'mergeable';
}

export const isDraft = ({ title }: Pick<MergeRequest, 'title'>): boolean =>
  /^(draft:|\[draft\]|\(draft\))/i.test(title);

/** Of the pipeline of its head; `none` when there is none. */
export function pipelineState(
  project: GitlabProject,
  { sha }: MergeRequest,
): 'good' | 'running' | 'bad' | 'none' {
  const [pipeline] = project.ci.pipelines().filter(({ commit }) => commit === sha);
  if (pipeline === undefined) return 'none';
  if (pipeline.status === 'success' || pipeline.status === 'skipped') return 'good';
  return ['failed', 'canceled', 'canceling'].includes(pipeline.status) ? 'bad' : 'running';
}
