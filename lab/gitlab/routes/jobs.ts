import type { LabJob, LabPipeline } from '../ci/types.ts';
import { commitAt } from '../git/commits.ts';
import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { page } from '../paging.ts';
import { flag, list, pairs } from '../params.ts';
import { created, forbidden, notFound, ok, refuse, type Reply } from '../reply.ts';
import { showJob } from '../show/pipeline.ts';
import { may } from '../state.ts';
import { pipelineFor } from './pipelines.ts';

export const jobRoutes: readonly Route[] = [
  projectRoute('GET /pipelines/:pipeline/jobs', 'reporter', (call) => jobs(call, pipelineFor(call).jobs)),
  // Trigger jobs: the lab's runner knows none.
  projectRoute('GET /pipelines/:pipeline/bridges', 'reporter', (call) => {
    pipelineFor(call);
    return page(call, [], { uncounted: true });
  }),
  projectRoute('GET /jobs', 'reporter', (call) =>
    jobs(
      call,
      call.project.ci.pipelines().flatMap((pipeline) => pipeline.jobs),
    ),
  ),
  projectRoute('GET /jobs/:job', 'reporter', async (call) => ok(await show(call, jobFor(call)))),
  projectRoute('GET /jobs/:job/trace', 'reporter', (call) => ({
    status: 200,
    raw: { type: 'text/plain', content: call.project.ci.trace(jobFor(call).id) },
  })),
  projectRoute('POST /jobs/:job/play', 'developer', play),
  projectRoute('POST /jobs/:job/retry', 'developer', async (call) => {
    mustRun(call, jobFor(call));
    const again = call.project.ci.retry(jobFor(call).id, call.user);
    if (again === null) throw forbidden('Job is not retryable');
    return created(await show(call, again));
  }),
  projectRoute('GET /jobs/:job/artifacts/*file', 'reporter', (call) =>
    artifact(call, jobFor(call).id, call.path['file'] ?? ''),
  ),
  projectRoute('GET /jobs/artifacts/:ref/raw/*file', 'reporter', (call) => {
    const [job] = call.project.ci
      .pipelines()
      .filter(({ branch, status }) => branch === call.path['ref'] && status === 'success')
      .flatMap((pipeline) => pipeline.jobs.filter(({ name }) => name === call.params['job']));
    if (job === undefined) throw notFound('Not Found');
    return artifact(call, job.id, call.path['file'] ?? '');
  }),
  projectRoute('GET /deployments', 'reporter', deployments),
];

function jobFor({ project, path }: ProjectCall): LabJob {
  const job = project.ci.job(Number(path['job']));
  if (job === undefined) throw refuse(404, '404 Not found');
  return job;
}
function pipelineOf({ project }: ProjectCall, job: LabJob): LabPipeline {
  const pipeline = project.ci.pipeline(job.pipeline);
  if (pipeline === undefined) throw notFound('Pipeline');
  return pipeline;
}
async function show(call: ProjectCall, job: LabJob): Promise<object> {
  const pipeline = pipelineOf(call, job);
  const commit = await commitAt(call.project.repository, pipeline.commit);
  return showJob(call.lab, call.project, { job, pipeline, commit });
}

/** Newest id first, without those another took the place of, and never counted. */
async function jobs(call: ProjectCall, all: readonly LabJob[]): Promise<Reply> {
  const scope = list(call.params, 'scope');
  if (scope?.some((each) => !statuses.includes(each)) === true)
    throw refuse(400, 'Scope contains invalid value(s)');
  const withRetried = call.path['pipeline'] === undefined || flag(call.params, 'include_retried') === true;
  const wanted = all
    .filter(({ retried }) => withRetried || !retried)
    .filter(({ status }) => scope === undefined || scope.includes(status))
    .toSorted((a, b) => b.id - a.id);
  return page(call, await Promise.all(wanted.map((job) => show(call, job))), { uncounted: true });
}
const statuses =
  'created waiting_for_resource preparing waiting_for_callback pending running success failed canceling canceled skipped manual scheduled'.split(
    ' ',
  );

/** On a protected branch only those who may change it let jobs run. */
function mustRun(call: ProjectCall, job: LabJob): void {
  const { user, project } = call;
  const { branch } = pipelineOf(call, job);
  if (!may('push', { user, project, branch }) && !may('merge', { user, project, branch })) throw forbidden();
}

async function play(call: ProjectCall): Promise<Reply> {
  const job = jobFor(call);
  mustRun(call, job);
  const variables = pairs(call.params, 'job_variables_attributes');
  if (!call.project.ci.play(job.id, call.user, variables))
    throw refuse(400, '400 Bad request - Unplayable Job');
  return ok(await show(call, jobFor(call)));
}

async function artifact({ project }: ProjectCall, job: number, file: string): Promise<Reply> {
  const content = await project.ci.artifact(job, file);
  if (content === null) throw refuse(404, '404 Not Found');
  return { status: 200, raw: { type: 'application/octet-stream', content } };
}

/** Every job with an environment is one. */
async function deployments(call: ProjectCall): Promise<Reply> {
  const { environment, status } = call.params;
  const made = call.project.ci
    .pipelines()
    .flatMap((pipeline) => pipeline.jobs.map((job) => ({ job, pipeline })))
    .filter(({ job }) => job.environment !== null && job.startedAt !== null)
    .filter(({ job }) => environment === undefined || job.environment === environment)
    .filter(({ job }) => status === undefined || job.status === status);
  const shown = made.map(async ({ job, pipeline }) => ({
    ...{ id: job.id, iid: job.id, ref: pipeline.branch, sha: pipeline.commit, status: job.status },
    ...{ created_at: job.createdAt, updated_at: job.finishedAt ?? job.startedAt },
    environment: { name: job.environment },
    deployable: await show(call, job),
  }));
  return page(call, await Promise.all(shown));
}
