import type { LabJob, LabPipeline, LabUser } from '../ci/types.ts';
import { commitAt, commitsOf } from '../git/commits.ts';
import { zeros } from '../git/repository.ts';
import type { Lab, MergeRequestChange } from '../lab.ts';
import { isDraft, mergeability } from '../mergeability.ts';
import type { Push } from '../pushes.ts';
import type { GitlabProject } from '../state.ts';
import { hookCommit } from './commit.ts';
import { requestUrl } from './merge-request.ts';
import { groupOf, nameOf, webUrl } from './people.ts';
import { detailedStatus, pipelineUrl, seconds } from './pipeline.ts';

type Base = Pick<Lab, 'url'>;

export async function pushBody(
  lab: Base,
  project: GitlabProject,
  { push, by }: { push: Push; by: LabUser },
): Promise<object> {
  const { before, after, branch } = push;
  const range = before === zeros ? ['-1', after] : [`${before}..${after}`];
  const commits = after === zeros ? [] : await commitsOf(project.repository, range);
  return {
    ...{ object_kind: 'push', event_name: 'push', before, after, ref: `refs/heads/${branch}` },
    ref_protected: project.protectedBranches.has(branch),
    checkout_sha: after === zeros ? null : after,
    ...{ user_id: by.id, user_name: by.name, user_username: by.username, user_email: '' },
    ...{ project_id: project.id, project: projectBody(lab, project) },
    commits: commits
      .slice(0, 20)
      .toReversed()
      .map((commit) => ({ ...hookCommit(lab, project, commit), added: [], modified: [], removed: [] })),
    total_commits_count: commits.length,
    repository: {
      name: nameOf(project),
      homepage: webUrl(lab, project),
      git_http_url: `${webUrl(lab, project)}.git`,
    },
  };
}

export async function pipelineBody(
  lab: Base,
  project: GitlabProject,
  pipeline: LabPipeline,
): Promise<object> {
  // Before anything is waited for: as it is now.
  const told = {
    object_kind: 'pipeline',
    object_attributes: {
      ...{
        id: pipeline.id,
        iid: pipeline.iid,
        name: null,
        ref: pipeline.branch,
        tag: false,
        sha: pipeline.commit,
      },
      ...{ before_sha: pipeline.before, source: pipeline.source, status: pipeline.status },
      detailed_status: detailedStatus(pipeline),
      stages: [...new Set(pipeline.jobs.map(({ stage }) => stage))],
      ...{ created_at: pipeline.createdAt, finished_at: pipeline.finishedAt },
      duration: seconds(pipeline.startedAt, pipeline.finishedAt),
      variables: Object.entries(pipeline.variables).map(([key, value]) => ({ key, value })),
      url: pipelineUrl(lab, project, pipeline),
    },
    merge_request: null,
    user: userBody(pipeline.by),
    project: projectBody(lab, project),
    builds: pipeline.jobs.filter(({ retried }) => !retried).map((job) => buildBody(job)),
  };
  const commit = hookCommit(lab, project, await commitAt(project.repository, pipeline.commit));
  return { ...told, commit };
}

function buildBody(job: LabJob): object {
  return {
    ...{ id: job.id, stage: job.stage, name: job.name, status: job.status, when: job.when },
    ...{ created_at: job.createdAt, started_at: job.startedAt, finished_at: job.finishedAt },
    duration: seconds(job.startedAt, job.finishedAt),
    failure_reason: job.failure,
    manual: job.when === 'manual',
    allow_failure: job.allowFailure,
    user: userBody(job.by),
    runner: null,
    environment: environmentBody(job),
  };
}
const environmentBody = ({ environment }: LabJob): object | null =>
  environment === null ? null : { name: environment, action: 'start', deployment_tier: null };

/** Flat, and of kind "build". */
export async function jobBody(
  lab: Base,
  project: GitlabProject,
  { pipeline, job }: { readonly pipeline: LabPipeline; readonly job: LabJob },
): Promise<object> {
  const told = {
    object_kind: 'build',
    ...{ ref: pipeline.branch, tag: false, before_sha: pipeline.before, sha: pipeline.commit },
    ...{ build_id: job.id, build_name: job.name, build_stage: job.stage, build_status: job.status },
    ...{
      build_created_at: job.createdAt,
      build_started_at: job.startedAt,
      build_finished_at: job.finishedAt,
    },
    build_duration: seconds(job.startedAt, job.finishedAt),
    build_allow_failure: job.allowFailure,
    build_failure_reason: job.failure ?? 'unknown_failure',
    ...{
      pipeline_id: pipeline.id,
      project_id: project.id,
      project_name: project.path.split('/').join(' / '),
    },
    user: userBody(job.by),
    commit: { id: pipeline.id, sha: pipeline.commit, status: pipeline.status },
    repository: { name: nameOf(project), homepage: webUrl(lab, project) },
    project: projectBody(lab, project),
    runner: null,
    environment: environmentBody(job),
  };
  const { message } = await commitAt(project.repository, pipeline.commit);
  return { ...told, commit: { ...told.commit, message } };
}

export async function mergeRequestBody(
  lab: Base,
  project: GitlabProject,
  { request, action, by, oldHead }: MergeRequestChange,
): Promise<object> {
  return {
    ...{ object_kind: 'merge_request', event_type: 'merge_request', user: userBody(by) },
    project: projectBody(lab, project),
    object_attributes: {
      ...{ id: request.id, iid: request.iid, title: request.title, description: request.description },
      ...{ source_branch: request.source, target_branch: request.target, state: request.state, action },
      ...{ author_id: request.author.id, draft: isDraft(request), created_at: request.createdAt },
      detailed_merge_status: await mergeability(project, request),
      merge_commit_sha: request.mergeCommit,
      last_commit: hookCommit(lab, project, await commitAt(project.repository, request.sha)),
      url: requestUrl(lab, project, request),
      ...(oldHead === undefined ? {} : { oldrev: oldHead }),
    },
    labels: request.labels.map((title) => ({ title })),
    changes: {},
  };
}

function projectBody(lab: Base, project: GitlabProject): object {
  return {
    ...{ id: project.id, name: nameOf(project), namespace: groupOf(project), web_url: webUrl(lab, project) },
    git_http_url: `${webUrl(lab, project)}.git`,
    path_with_namespace: project.path,
    ...{ default_branch: project.defaultBranch, visibility_level: 0 },
  };
}
const userBody = ({ id, name, username }: LabUser): object => ({ id, name, username, email: '[REDACTED]' });
