import type { LabJob, LabPipeline } from '../ci/types.ts';
import type { Commit } from '../git/commits.ts';
import type { Lab } from '../lab.ts';
import type { GitlabProject } from '../state.ts';
import { showCommit } from './commit.ts';
import { showUser, webUrl } from './people.ts';

/** In lists; who started it is not in there. */
export function showPipelineBasic(
  lab: Pick<Lab, 'url'>,
  project: GitlabProject,
  pipeline: LabPipeline,
): object {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: project.id,
    sha: pipeline.commit,
    ref: pipeline.branch,
    status: pipeline.status,
    source: pipeline.source,
    created_at: pipeline.createdAt,
    updated_at: updatedAt(project, pipeline),
    web_url: pipelineUrl(lab, project, pipeline),
    name: null,
  };
}
export function showPipeline(lab: Pick<Lab, 'url'>, project: GitlabProject, pipeline: LabPipeline): object {
  return {
    ...showPipelineBasic(lab, project, pipeline),
    before_sha: pipeline.before,
    tag: false,
    yaml_errors: pipeline.problem,
    user: showUser(lab, pipeline.by),
    started_at: pipeline.startedAt,
    finished_at: pipeline.finishedAt,
    committed_at: null,
    duration: seconds(pipeline.startedAt, pipeline.finishedAt),
    queued_duration: seconds(pipeline.createdAt, pipeline.startedAt),
    coverage: null,
    detailed_status: {
      icon: `status_${pipeline.status}`,
      text: detailedStatus(pipeline),
      label: detailedStatus(pipeline),
      group: pipeline.status,
      tooltip: detailedStatus(pipeline),
      has_details: true,
      details_path: `/${project.path}/-/pipelines/${pipeline.id}`,
    },
  };
}

/** A job; the commit is the pipeline's. */
export function showJob(
  lab: Pick<Lab, 'url'>,
  project: GitlabProject,
  {
    job,
    pipeline,
    commit,
  }: { readonly job: LabJob; readonly pipeline: LabPipeline; readonly commit: Commit },
): object {
  const url = `${webUrl(lab, project)}/-/jobs/${job.id}`;
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.branch,
    tag: false,
    coverage: null,
    allow_failure: job.allowFailure,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    erased_at: null,
    duration: seconds(job.startedAt, job.finishedAt),
    queued_duration: seconds(job.createdAt, job.startedAt),
    // Only there when it failed.
    ...(job.failure === null ? {} : { failure_reason: job.failure }),
    user: showUser(lab, job.by),
    commit: showCommit(lab, project, commit),
    pipeline: showPipelineBasic(lab, project, pipeline),
    web_url: url,
    project: { ci_job_token_scope_enabled: false },
    artifacts: [],
    runner: null,
    artifacts_expire_at: null,
    archived: false,
    tag_list: [],
  };
}

export const updatedAt = (project: GitlabProject, pipeline: LabPipeline): string =>
  project.touched.get(pipeline.id) ?? pipeline.createdAt;
export const pipelineUrl = (
  lab: Pick<Lab, 'url'>,
  project: GitlabProject,
  { id }: Pick<LabPipeline, 'id'>,
): string => `${webUrl(lab, project)}/-/pipelines/${id}`;
/** What people read: `passed`, `blocked`. */
export const detailedStatus = ({ status }: Pick<LabPipeline, 'status'>): string =>
  (({ success: 'passed', manual: 'blocked' }) as Partial<Record<string, string>>)[status] ?? status;

export function seconds(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : (Date.parse(to) - Date.parse(from)) / 1000;
}
