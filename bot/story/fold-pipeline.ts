import type { DeploymentEvent, JobState, PipelineSummary, Problem } from '../../engine/index.ts';

/** The pipeline that does the work, as people follow it. */
export interface PipelineView {
  /** As last seen; null until it is found. */
  readonly summary: PipelineSummary | null;
  /** In the order in which the server made them. */
  readonly stages: readonly JobStage[];
  /** Manual jobs somebody had to agree to, in order. */
  readonly gates: readonly Gate[];
}
export interface JobStage {
  readonly name: string;
  readonly jobs: readonly JobView[];
  /** Nothing of it goes on or will go on by itself. */
  readonly over: boolean;
}
export interface JobView {
  readonly job: JobState;
  /** The end of what it said, where it failed. */
  readonly log: string | null;
  /** How often it was tried before. */
  readonly retries: number;
}
export interface Gate {
  readonly job: { readonly id: number; readonly name: string };
  /** The request it waits for; null where it was agreed to before. */
  readonly proposal: string | null;
  readonly played: { readonly approvedBy: readonly string[]; readonly problem: Problem | null } | null;
}
export type PipelineChapter = { readonly seq: number } & (
  | { readonly kind: 'pipeline'; readonly summary: PipelineSummary }
  | { readonly kind: 'jobs'; readonly stage: JobStage }
  | { readonly kind: 'job-failed'; readonly view: JobView }
  | { readonly kind: 'gate'; readonly gate: Gate }
  | { readonly kind: 'played'; readonly gate: Gate }
);

interface Progress {
  summary: PipelineSummary | null;
  /** By stage, then by name: a job that is retried takes the place of its first try. */
  readonly stages: Map<string, Map<string, JobView>>;
  readonly gates: Map<number, Gate>;
  /** Stages that were told to their end. */
  readonly told: Set<string>;
  readonly chapters: PipelineChapter[];
}

export function foldPipeline(events: readonly DeploymentEvent[]): {
  readonly view: PipelineView;
  readonly chapters: readonly PipelineChapter[];
} {
  const progress: Progress = {
    ...{ summary: null, stages: new Map(), gates: new Map(), told: new Set(), chapters: [] },
  };
  for (const event of events) {
    tellEnded(progress, event);
    take(progress, event);
  }
  const { summary, stages, gates, chapters } = progress;
  return {
    view: {
      summary,
      stages: [...stages.keys()].map((name) => stageOf(progress, name)),
      gates: [...gates.values()],
    },
    chapters,
  };
}

/**
 * Jobs are told one by one in the order of their stages, so a stage is known to be over only when something else
 * happens: until then, more of its jobs may come.
 */
function tellEnded(progress: Progress, event: DeploymentEvent): void {
  const current = event.type === 'job' ? event.job.stage : null;
  for (const name of progress.stages.keys()) {
    const stage = stageOf(progress, name);
    if (!stage.over) progress.told.delete(name);
    if (!stage.over || name === current || progress.told.has(name)) continue;
    progress.told.add(name);
    // What failed was told when it did.
    if (stage.jobs.some(({ job }) => didRun(job) && job.status !== 'failed'))
      progress.chapters.push({ seq: event.seq, kind: 'jobs', stage });
  }
}

function take(progress: Progress, event: DeploymentEvent): void {
  const { gates, chapters } = progress;
  const { seq } = event;
  if (event.type === 'pipeline') {
    const isNew = progress.summary?.id !== event.pipeline.id;
    progress.summary = event.pipeline;
    if (isNew) chapters.push({ seq, kind: 'pipeline', summary: event.pipeline });
  } else if (event.type === 'job') takeJob(progress, event);
  else if (event.type === 'gate') {
    const gate: Gate = { job: event.job, proposal: event.proposal, played: null };
    gates.set(event.job.id, gate);
    chapters.push({ seq, kind: 'gate', gate });
  } else if (event.type === 'job-played') {
    const { job, approvedBy, problem } = event;
    const gate: Gate = {
      ...{ job, proposal: gates.get(job.id)?.proposal ?? null, played: { approvedBy, problem } },
    };
    gates.set(job.id, gate);
    chapters.push({ seq, kind: 'played', gate });
  }
}

function takeJob(
  { stages, chapters }: Progress,
  { job, log, seq }: DeploymentEvent & { readonly type: 'job' },
): void {
  const jobs = stages.get(job.stage) ?? new Map<string, JobView>();
  stages.set(job.stage, jobs);
  const before = jobs.get(job.name);
  const isRetry = before !== undefined && before.job.id !== job.id;
  const view: JobView = { job, log, retries: (before?.retries ?? 0) + (isRetry ? 1 : 0) };
  jobs.set(job.name, view);
  if (job.status === 'failed') chapters.push({ seq, kind: 'job-failed', view });
}

function stageOf({ stages }: Progress, name: string): JobStage {
  const jobs = [...(stages.get(name)?.values() ?? [])];
  return { name, jobs, over: jobs.every(({ job }) => isSettled(job)) };
}

/** Nothing happens to it by itself any more; a manual job nobody has to play is one of these. */
export function isSettled({ status, allowFailure }: JobState): boolean {
  switch (status) {
    case 'success':
    case 'failed':
    case 'canceled':
    case 'skipped':
      return true;
    case 'manual':
      return allowFailure;
    case 'waiting':
    case 'running':
      return false;
  }
}

/** What was left out or never played is nothing to tell. */
export function didRun({ status, startedAt }: JobState): boolean {
  return status === 'success' || status === 'failed' || (status === 'canceled' && startedAt !== null);
}
