import type { Variables } from './ci-file.ts';
import { isComplete, pipelineStatus } from './composite-status.ts';
import type { JobFolders } from './job-files.ts';
import type { PlannedJob } from './plan-jobs.ts';
import type { JobRun } from './run-job.ts';
import type { Trace } from './trace.ts';
import type { Ci, LabJob, LabPipeline, LabStatus } from './types.ts';

/** What the lab keeps of a pipeline. */
export interface PipelineRecord {
  view: Omit<LabPipeline, 'jobs'>;
  readonly jobs: JobRecord[];
  readonly predefined: Variables;
  readonly protectedBranch: boolean;
  /** Its checkout, copied for each job. */
  readonly source: string;
}
export interface JobRecord {
  view: LabJob;
  readonly plan: PlannedJob;
  readonly folders: JobFolders;
  readonly trace: Trace;
  /** How many times it ran before. */
  readonly attempt: number;
  /** Given when it was played. */
  played: Variables;
  /** What its report hands on. */
  dotenv: Variables;
  run: JobRun | null;
}

export function snapshot(pipeline: PipelineRecord): LabPipeline {
  return { ...pipeline.view, jobs: pipeline.jobs.map(({ view }) => view) };
}

/** Those that count: of a retried job only the last. */
export function currentJobs({ jobs }: PipelineRecord): readonly JobRecord[] {
  return jobs.filter(({ view }) => !view.retried);
}

/** What changes what is known of pipelines and tells about it. */
export interface Changes {
  job(pipeline: PipelineRecord, job: JobRecord, change: Partial<LabJob>): void;
  /** Works out the pipeline's status from its jobs. */
  pipeline(pipeline: PipelineRecord): void;
  created(pipeline: PipelineRecord): void;
  onChange: Ci['onChange'];
}

export function createChanges(): Changes {
  const listeners: Parameters<Ci['onChange']>[0][] = [];
  const tell = (pipeline: PipelineRecord, job: JobRecord | null) => {
    const change = { pipeline: snapshot(pipeline), job: job?.view ?? null };
    for (const listener of listeners) listener(change);
  };
  return {
    job: (pipeline, job, change) => {
      job.view = { ...job.view, ...change };
      tell(pipeline, job);
    },
    pipeline: (pipeline) => {
      const status = pipelineStatus(pipeline.jobs.map(({ view }) => view));
      if (status === pipeline.view.status) return;
      pipeline.view = { ...pipeline.view, status, ...times(pipeline.view, status) };
      tell(pipeline, null);
    },
    created: (pipeline) => {
      tell(pipeline, null);
      for (const job of pipeline.jobs) tell(pipeline, job);
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

function times(view: PipelineRecord['view'], status: LabStatus): Partial<LabPipeline> {
  const now = new Date().toISOString();
  return {
    startedAt: view.startedAt ?? (status === 'running' ? now : null),
    finishedAt: isComplete(status) ? now : null,
  };
}
