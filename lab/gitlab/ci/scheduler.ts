import type { Variables } from './ci-file.ts';
import { isComplete, nextStatus } from './composite-status.ts';
import { milliseconds } from './durations.ts';
import { makeJob, type Workshop } from './make-pipeline.ts';
import { startRecord } from './start-record.ts';
import { type Changes, currentJobs, type JobRecord, type PipelineRecord } from './records.ts';
import type { JobEnd } from './run-job.ts';
import type { LabStatus, LabUser } from './types.ts';

/** Decides what runs when, over all pipelines of the project. */
export interface Scheduler {
  add(pipeline: PipelineRecord): void;
  play(pipeline: PipelineRecord, job: JobRecord, given: { by: LabUser; variables: Variables }): boolean;
  retry(pipeline: PipelineRecord, job: JobRecord, by: LabUser): JobRecord | null;
  cancel(pipeline: PipelineRecord): void;
  close(): Promise<void>;
}

export function createScheduler(workshop: Workshop, changes: Changes): Scheduler {
  const pipelines: PipelineRecord[] = [];
  const running = new Set<Promise<void>>();
  const timers = new Map<number, NodeJS.Timeout>();
  let closed = false;

  const enqueue = (pipeline: PipelineRecord, job: JobRecord) => {
    const held = groupHeld(pipelines, job);
    changes.job(pipeline, job, { status: held ? 'waiting_for_resource' : 'pending' });
  };
  const begin = (
    pipeline: PipelineRecord,
    job: JobRecord,
    status: Exclude<ReturnType<typeof nextStatus>, null>,
  ) => {
    if (status === 'pending') enqueue(pipeline, job);
    else changes.job(pipeline, job, { status });
    if (status === 'scheduled')
      timers.set(
        job.view.id,
        setTimeout(
          () => {
            if (job.view.status !== 'scheduled') return;
            enqueue(pipeline, job);
            advance(pipeline);
          },
          milliseconds(job.plan.startIn ?? '0'),
        ),
      );
  };
  const advance = (pipeline: PipelineRecord) => {
    for (let again = true; again;) {
      again = false;
      for (const job of currentJobs(pipeline)) {
        if (job.view.status !== 'created') continue;
        const status = nextStatus(
          { when: job.plan.when, needs: job.plan.needs !== null },
          before(pipeline, job).map(({ view }) => view),
        );
        if (status === null) continue;
        begin(pipeline, job, status);
        again = true;
      }
    }
    changes.pipeline(pipeline);
    pump();
  };
  const pump = () => {
    if (closed) return;
    const waiting = pipelines
      .flatMap((pipeline) => currentJobs(pipeline).map((job) => ({ pipeline, job })))
      .filter(({ job }) => job.view.status === 'pending')
      .toSorted((one, other) => one.job.view.id - other.job.view.id);
    for (const { pipeline, job } of waiting.slice(0, workshop.options.concurrency - running.size)) {
      const done: Promise<void> = run(pipeline, job).finally(() => {
        running.delete(done);
        pump();
      });
      running.add(done);
    }
  };
  const run = async (pipeline: PipelineRecord, job: JobRecord) => {
    job.run = startRecord(workshop.options, { pipeline, job, before: suppliers(pipeline, job) });
    changes.job(pipeline, job, { status: 'running', startedAt: new Date().toISOString() });
    changes.pipeline(pipeline);
    const end = await job.run.ended;
    job.run = null;
    changes.job(pipeline, job, finished(job, end));
    if (end.kind !== 'canceled') job.dotenv = end.dotenv;
    if (end.kind === 'failed' && retriesByItself(job, end.failure)) again(pipeline, job, job.view.by);
    const next = nextOfGroup(pipelines, job);
    if (next !== null) changes.job(next.pipeline, next.job, { status: 'pending' });
    advance(pipeline);
  };
  const again = (pipeline: PipelineRecord, job: JobRecord, by: LabUser): JobRecord => {
    const { id } = pipeline.view;
    const fresh = makeJob(workshop, { pipeline: id, plan: job.plan, by, attempt: job.attempt + 1 });
    fresh.played = job.played;
    job.view = { ...job.view, retried: true };
    pipeline.jobs.splice(pipeline.jobs.indexOf(job) + 1, 0, fresh);
    enqueue(pipeline, fresh);
    return fresh;
  };
  /** What was skipped because of a job gets another chance when that job does. */
  const wake = (pipeline: PipelineRecord, job: JobRecord) => {
    for (const other of currentJobs(pipeline))
      if (other.view.status === 'skipped' && dependsOn(pipeline, other, job.view.name))
        changes.job(pipeline, other, { status: 'created' });
  };

  return {
    add: (pipeline) => {
      pipelines.push(pipeline);
      advance(pipeline);
    },
    play: (pipeline, job, { by, variables }) => {
      if (closed || job.view.retried || !['manual', 'scheduled'].includes(job.view.status)) return false;
      job.played = variables;
      job.view = { ...job.view, by };
      enqueue(pipeline, job);
      wake(pipeline, job);
      advance(pipeline);
      return true;
    },
    retry: (pipeline, job, by) => {
      if (closed || job.view.retried || !['success', 'failed', 'canceled'].includes(job.view.status))
        return null;
      const fresh = again(pipeline, job, by);
      wake(pipeline, fresh);
      advance(pipeline);
      return fresh;
    },
    cancel: (pipeline) => {
      for (const job of currentJobs(pipeline)) cancelJob(changes, pipeline, job);
      changes.pipeline(pipeline);
    },
    close: async () => {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      for (const pipeline of pipelines) for (const job of pipeline.jobs) job.run?.cancel();
      await Promise.all(running);
    },
  };
}

function cancelJob(changes: Changes, pipeline: PipelineRecord, job: JobRecord): void {
  const { status, allowFailure } = job.view;
  // An optional manual job stays playable on GitLab; one the pipeline waits for ends with it.
  if (isComplete(status) || status === 'canceling' || (status === 'manual' && allowFailure)) return;
  if (status === 'running') {
    changes.job(pipeline, job, { status: 'canceling' });
    job.run?.cancel();
  } else changes.job(pipeline, job, { status: 'canceled', finishedAt: new Date().toISOString() });
}

function finished(job: JobRecord, end: JobEnd): Partial<JobRecord['view']> {
  const finishedAt = new Date().toISOString();
  if (end.kind !== 'failed') return { status: end.kind, finishedAt };
  const codes = job.plan.allowFailure;
  const allowFailure = typeof codes === 'boolean' ? codes : codes.includes(end.exitCode);
  return { status: 'failed', failure: end.failure, allowFailure, finishedAt };
}

function retriesByItself({ plan, attempt }: JobRecord, failure: string): boolean {
  const { max, when } = plan.definition.retry;
  return attempt < max && (when.includes('always') || when.includes(failure));
}

function named(pipeline: PipelineRecord, names: readonly string[]): readonly JobRecord[] {
  return currentJobs(pipeline).filter(({ view }) => names.includes(view.name));
}

/** What has to be over before a job can begin. */
function before(pipeline: PipelineRecord, job: JobRecord): readonly JobRecord[] {
  if (job.plan.needs !== null)
    return named(
      pipeline,
      job.plan.needs.map((need) => need.job),
    );
  const { stage } = job.view;
  const stages = [...new Set(pipeline.jobs.map(({ view }) => view.stage))];
  const earlier = stages.slice(0, stages.indexOf(stage));
  return currentJobs(pipeline).filter(({ view }) => earlier.includes(view.stage));
}

/** The jobs whose artifacts and reports a job gets. */
function suppliers(pipeline: PipelineRecord, job: JobRecord): readonly JobRecord[] {
  const { dependencies } = job.plan.definition;
  if (dependencies !== null) return named(pipeline, dependencies);
  const without = job.plan.needs?.filter(({ artifacts }) => !artifacts).map((need) => need.job) ?? [];
  return before(pipeline, job).filter(({ view }) => !without.includes(view.name));
}

function dependsOn(pipeline: PipelineRecord, job: JobRecord, name: string): boolean {
  const direct = before(pipeline, job);
  return direct.some(
    (each) => each.view.name === name || (job.plan.needs !== null && dependsOn(pipeline, each, name)),
  );
}

const holding: readonly LabStatus[] = ['pending', 'running', 'canceling'];

function inGroup(pipelines: readonly PipelineRecord[], group: string) {
  return pipelines.flatMap((pipeline) =>
    currentJobs(pipeline)
      .filter(({ plan }) => plan.resourceGroup === group)
      .map((job) => ({ pipeline, job })),
  );
}

function groupHeld(pipelines: readonly PipelineRecord[], { plan, view }: JobRecord): boolean {
  const group = plan.resourceGroup;
  if (group === null) return false;
  return inGroup(pipelines, group).some(
    ({ job }) => job.view.id !== view.id && holding.includes(job.view.status),
  );
}

function nextOfGroup(pipelines: readonly PipelineRecord[], { plan }: JobRecord) {
  const group = plan.resourceGroup;
  if (group === null) return null;
  const members = inGroup(pipelines, group);
  if (members.some(({ job }) => holding.includes(job.view.status))) return null;
  return members.find(({ job }) => job.view.status === 'waiting_for_resource') ?? null;
}
