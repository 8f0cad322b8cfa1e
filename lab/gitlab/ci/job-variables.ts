import type { Variables } from './ci-file.ts';
import { wildcardFits } from './glob.ts';
import type { CiOptions, LabUser, LabVariable, StartRequest } from './types.ts';

const zero = '0'.repeat(40);

/** What GitLab tells every job of a pipeline. */
export function predefined(
  options: Pick<CiOptions, 'project' | 'defaultBranch'> & { readonly protectedBranch: boolean },
  request: StartRequest,
  pipeline: {
    readonly id: number;
    readonly iid: number;
    readonly createdAt: string;
    readonly committedAt: string;
  },
): Variables {
  const { project, defaultBranch = 'main', protectedBranch } = options;
  const { commit, before, branch, message, by } = request;
  const [title = '', ...rest] = message.split('\n');
  const server = new URL(project.url);
  const api = `${project.url.slice(0, project.url.length - project.path.length - 1)}/api/v4`;
  return {
    CI: 'true',
    GITLAB_CI: 'true',
    CI_API_V4_URL: api,
    CI_COMMIT_SHA: commit,
    CI_COMMIT_SHORT_SHA: commit.slice(0, 8),
    CI_COMMIT_BEFORE_SHA: request.source === 'push' ? before : zero,
    CI_COMMIT_BRANCH: branch,
    CI_COMMIT_REF_NAME: branch,
    CI_COMMIT_REF_SLUG: slug(branch),
    CI_COMMIT_REF_PROTECTED: String(protectedBranch),
    CI_COMMIT_MESSAGE: message,
    CI_COMMIT_TITLE: title,
    CI_COMMIT_DESCRIPTION: rest.join('\n').replace(/^\n/, ''),
    CI_COMMIT_TIMESTAMP: pipeline.committedAt,
    CI_CONFIG_PATH: '.gitlab-ci.yml',
    CI_DEFAULT_BRANCH: defaultBranch,
    CI_PIPELINE_ID: String(pipeline.id),
    CI_PIPELINE_IID: String(pipeline.iid),
    CI_PIPELINE_SOURCE: request.source,
    CI_PIPELINE_URL: `${project.url}/-/pipelines/${pipeline.id}`,
    CI_PIPELINE_CREATED_AT: pipeline.createdAt,
    CI_PROJECT_ID: String(project.id),
    CI_PROJECT_NAME: project.path.split('/').at(-1) ?? '',
    CI_PROJECT_TITLE: project.path.split('/').at(-1) ?? '',
    CI_PROJECT_NAMESPACE: project.path.split('/').slice(0, -1).join('/'),
    CI_PROJECT_ROOT_NAMESPACE: project.path.split('/')[0] ?? '',
    CI_PROJECT_PATH: project.path,
    CI_PROJECT_PATH_SLUG: slug(project.path),
    CI_PROJECT_URL: project.url,
    CI_PROJECT_VISIBILITY: 'private',
    CI_SERVER: 'yes',
    CI_SERVER_NAME: 'GitLab',
    CI_SERVER_URL: server.origin,
    CI_SERVER_HOST: server.hostname,
    CI_SERVER_PORT: server.port === '' ? (server.protocol === 'https:' ? '443' : '80') : server.port,
    CI_SERVER_PROTOCOL: server.protocol.replace(':', ''),
    CI_SERVER_FQDN: server.host,
    ...user(by),
  };
}

const user = (by: LabUser): Variables => ({
  GITLAB_USER_ID: String(by.id),
  GITLAB_USER_LOGIN: by.username,
  GITLAB_USER_NAME: by.name,
  GITLAB_USER_EMAIL: by.email,
});

/** What GitLab tells one job beside that. */
export function predefinedOfJob(
  job: {
    readonly id: number;
    readonly name: string;
    readonly stage: string;
    readonly environment: string | null;
    readonly manual: boolean;
    readonly by: LabUser;
    readonly startedAt: string;
    readonly folder: string;
  },
  projectUrl: string,
): Variables {
  return {
    CI_JOB_ID: String(job.id),
    CI_JOB_NAME: job.name,
    CI_JOB_NAME_SLUG: slug(job.name),
    CI_JOB_STAGE: job.stage,
    CI_JOB_URL: `${projectUrl}/-/jobs/${job.id}`,
    CI_JOB_STARTED_AT: job.startedAt,
    CI_PROJECT_DIR: job.folder,
    CI_BUILDS_DIR: job.folder,
    CI_RUNNER_DESCRIPTION: 'lab',
    ...(job.manual ? { CI_JOB_MANUAL: 'true' } : {}),
    ...(job.environment === null
      ? {}
      : { CI_ENVIRONMENT_NAME: job.environment, CI_ENVIRONMENT_SLUG: slug(job.environment) }),
    ...user(job.by),
  };
}

/** The project's variables a job may see; of several with one name, that of the narrowest scope. */
export function visibleVariables(
  variables: readonly LabVariable[],
  job: { readonly environment: string | null; readonly protectedBranch: boolean },
): readonly LabVariable[] {
  const fitting = variables
    .filter((each) => !each.protected || job.protectedBranch)
    .filter(
      ({ scope }) => scope === '*' || (job.environment !== null && wildcardFits(scope, job.environment)),
    )
    .toSorted((one, other) => narrowness(one.scope) - narrowness(other.scope));
  return [...new Map(fitting.map((each) => [each.key, each])).values()];
}

const narrowness = (scope: string): number => (scope.includes('*') ? scope.length : Number.MAX_SAFE_INTEGER);

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
