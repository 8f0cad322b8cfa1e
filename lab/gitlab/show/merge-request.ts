import type { Lab } from '../lab.ts';
import { type DetailedStatus, isDraft } from '../mergeability.ts';
import type { GitlabProject, MergeRequest } from '../state.ts';
import { showUser, webUrl } from './people.ts';
import { showPipeline } from './pipeline.ts';

export function showMergeRequest(
  lab: Pick<Lab, 'url'>,
  project: GitlabProject,
  { request, status }: { readonly request: MergeRequest; readonly status: DetailedStatus },
): object {
  const [head] = project.ci.pipelines().filter(({ commit }) => commit === request.sha);
  return {
    id: request.id,
    iid: request.iid,
    project_id: project.id,
    title: request.title,
    description: request.description,
    state: request.state,
    created_at: request.createdAt,
    updated_at: request.updatedAt,
    merged_by: request.mergedBy && showUser(lab, request.mergedBy),
    merge_user: request.mergedBy && showUser(lab, request.mergedBy),
    merged_at: request.state === 'merged' ? request.updatedAt : null,
    closed_at: request.state === 'closed' ? request.updatedAt : null,
    target_branch: request.target,
    source_branch: request.source,
    author: showUser(lab, request.author),
    assignees: [],
    reviewers: [],
    source_project_id: project.id,
    target_project_id: project.id,
    labels: request.labels,
    draft: isDraft(request),
    work_in_progress: isDraft(request),
    merge_when_pipeline_succeeds: request.autoMerge !== null,
    merge_status: oldWord(status),
    detailed_merge_status: status,
    sha: request.sha,
    merge_commit_sha: request.mergeCommit,
    squash_commit_sha: request.squashCommit,
    squash: request.squash,
    should_remove_source_branch: null,
    force_remove_source_branch: request.removeSourceBranch,
    web_url: requestUrl(lab, project, request),
    references: {
      short: `!${request.iid}`,
      relative: `!${request.iid}`,
      full: `${project.path}!${request.iid}`,
    },
    has_conflicts: status === 'conflict',
    merge_error: null,
    user_notes_count: request.notes.length,
    head_pipeline: head === undefined ? null : showPipeline(lab, project, head),
    diff_refs: { base_sha: request.base, head_sha: request.sha, start_sha: request.base },
  };
}

export const requestUrl = (lab: Pick<Lab, 'url'>, project: GitlabProject, { iid }: MergeRequest): string =>
  `${webUrl(lab, project)}/-/merge_requests/${iid}`;

function oldWord(status: DetailedStatus): string {
  if (status === 'unchecked' || status === 'checking') return status;
  return ['conflict', 'broken_status'].includes(status)
    ? 'cannot_be_merged'
    : 'can_be_merged';
}
