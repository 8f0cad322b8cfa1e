import { existsSync } from 'node:fs';
import { predefinedOfJob, visibleVariables } from './job-variables.ts';
import type { JobRecord, PipelineRecord } from './records.ts';
import { type JobRun, runJob } from './run-job.ts';
import type { CiOptions } from './types.ts';

/** Runs a job of a pipeline with what it is to know: variables as they are now, and what earlier jobs left. */
export function startRecord(
  options: CiOptions,
  work: {
    readonly pipeline: PipelineRecord;
    readonly job: JobRecord;
    readonly before: readonly JobRecord[];
  },
): JobRun {
  const { pipeline, job, before } = work;
  const { view, plan, folders, trace } = job;
  const { environment } = plan;
  const project = visibleVariables(options.variables(), {
    environment,
    protectedBranch: pipeline.protectedBranch,
  });
  trace.mask(project.filter(({ masked }) => masked).map(({ value }) => value));
  const about = predefinedOfJob(
    {
      ...view,
      environment,
      manual: view.when === 'manual',
      startedAt: new Date().toISOString(),
      folder: folders.project,
    },
    options.project.url,
  );
  return runJob({
    definition: plan.definition,
    folders,
    source: pipeline.source,
    commit: pipeline.view.commit,
    trace,
    variables: {
      predefined: { ...pipeline.predefined, ...about },
      file: plan.variables,
      dotenv: Object.assign({}, ...before.map(({ dotenv }) => dotenv)) as Record<string, string>,
      project,
      run: { ...pipeline.view.variables, ...job.played },
    },
    before: before
      .filter((each) => existsSync(each.folders.artifacts))
      .map((each) => ({ job: `${each.view.name} (${each.view.id})`, artifacts: each.folders.artifacts })),
    path: options.path,
    grace: options.grace ?? 10_000,
  });
}
