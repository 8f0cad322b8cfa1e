import type { Result } from './types.ts';

/**
 * The pipelines of one project of a code forge, as GitLab has them. Ids are numbers of that project. Every method asks
 * the server; what it cannot do is a problem with its words, what went wrong on the way is thrown as a ProblemError
 * (`forge-unreachable`, `forge-refused`).
 */
export interface Pipelines {
  /** For people: `homelab/services`. */
  readonly project: string;
  /** The project's number, by which its webhooks call it; null until an answer told it. */
  number(): number | null;
  /** Of one commit, newest first. */
  ofCommit(commit: string, signal: AbortSignal): Promise<readonly PipelineSummary[]>;
  /** Of every commit, changed since then, newest first, at most 50. */
  since(instant: string, signal: AbortSignal): Promise<readonly PipelineSummary[]>;
  /** With all its jobs, those of child pipelines too. */
  read(pipeline: number, signal: AbortSignal): Promise<PipelineState>;
  /** What it was started with. */
  variables(pipeline: number, signal: AbortSignal): Promise<Variables>;
  /** Starts one for a branch as it is now. `job-refused` where the project has none for this. */
  start(
    request: { readonly branch: string; readonly variables: Variables },
    signal: AbortSignal,
  ): Promise<Result<PipelineSummary>>;
  /** Lets a manual job run. Playing one that somebody just played is a success: `played` tells who was first. */
  play(
    request: { readonly job: number; readonly variables: Variables },
    signal: AbortSignal,
  ): Promise<Result<{ readonly played: boolean }>>;
  /** With its child pipelines. */
  cancel(pipeline: number, signal: AbortSignal): Promise<Result<void>>;
  /**
   * The end of a job's log, at most 64,000 characters: no colours, no section marks. Empty before it starts. Long, so
   * that secrets can be replaced in it before it is cut to what is shown.
   */
  log(job: number, signal: AbortSignal): Promise<string>;
  /** A file of a job's artifacts as text (at most 1 MB), or null. */
  artifact(
    request: { readonly job: number; readonly path: string },
    signal: AbortSignal,
  ): Promise<string | null>;
}
export type Variables = Readonly<Record<string, string>>;

export interface PipelineSummary {
  readonly id: number;
  readonly url: string;
  readonly commit: string;
  readonly branch: string;
  readonly status: PipelineStatus;
  /** What started it: `push`, `web`, `api`, `schedule`, … */
  readonly source: string;
  readonly createdAt: string;
  /** Who started it: the login and the name. Null where the server does not tell. */
  readonly by: { readonly login: string; readonly name: string } | null;
}
export interface PipelineState extends PipelineSummary {
  /** In the order of the stages, as the server made them; retried ones left out. */
  readonly jobs: readonly JobState[];
}
/** GitLab's, with those that only differ in why they wait taken together. What is unknown counts as `running`. */
export type PipelineStatus =
  | 'waiting' // created, preparing, pending, waiting for something, scheduled
  | 'running' // also canceling
  | 'manual' // blocked: a manual job has to be played
  | 'success'
  | 'failed'
  | 'canceled'
  | 'skipped';
export interface JobState {
  readonly id: number;
  readonly name: string;
  readonly stage: string;
  readonly status: PipelineStatus;
  readonly allowFailure: boolean;
  readonly url: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** The server's word for why it failed: `script_failure`, `runner_system_failure`, … */
  readonly failure: string | null;
}
