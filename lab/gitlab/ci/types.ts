/** Runs the pipelines of one project for real: jobs of its `.gitlab-ci.yml`, in a shell, from its bare repository. */
export interface Ci {
  /**
   * Makes a pipeline for a commit and starts it; null when GitLab would make none: no file, `[skip ci]`, workflow rules,
   * no job left. A file GitLab would not take is a pipeline that failed at once, with `problem`.
   */
  start(request: StartRequest): Promise<LabPipeline | null>;
  /** Newest first. */
  pipelines(): readonly LabPipeline[];
  pipeline(id: number): LabPipeline | undefined;
  job(id: number): LabJob | undefined;
  /** False when it cannot be played now: not manual, or played already. */
  play(job: number, by: LabUser, variables: Readonly<Record<string, string>>): boolean;
  /** A new job with a new id in the place of one that ended; null when it is not retryable. */
  retry(job: number, by: LabUser): LabJob | null;
  /** Ends what runs; what waits is canceled. */
  cancel(pipeline: number): void;
  /** The whole log so far, with GitLab's colours and `section_start` marks. */
  trace(job: number): string;
  /** A file of a job's artifacts. */
  artifact(job: number, path: string): Promise<Buffer | null>;
  /** A file a job named under `artifacts:reports`; GitLab keeps these apart from its artifacts. */
  report(job: number, path: string): Promise<Buffer | null>;
  /** Called for every change of a pipeline's or a job's status. */
  onChange(listener: (change: { readonly pipeline: LabPipeline; readonly job: LabJob | null }) => void): void;
  /** Ends everything that runs and removes what it wrote. */
  close(): Promise<void>;
}
export interface StartRequest {
  readonly commit: string;
  readonly before: string;
  readonly branch: string;
  readonly source: 'push' | 'web' | 'api' | 'trigger' | 'schedule';
  readonly by: LabUser;
  /** Variables of this run, beside those of the project. */
  readonly variables: Readonly<Record<string, string>>;
  readonly message: string;
}
export interface LabUser {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly email: string;
}
/** GitLab's words. */
export type LabStatus =
  | 'created'
  | 'waiting_for_resource'
  | 'scheduled'
  | 'pending'
  | 'running'
  | 'success'
  | 'failed'
  | 'canceling'
  | 'canceled'
  | 'skipped'
  | 'manual';
export interface LabPipeline {
  readonly id: number;
  readonly iid: number;
  readonly commit: string;
  readonly before: string;
  readonly branch: string;
  readonly source: StartRequest['source'];
  readonly by: LabUser;
  readonly status: LabStatus;
  readonly variables: Readonly<Record<string, string>>;
  /** Why the file was not taken. */
  readonly problem: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** Retried ones too, in the order of the stages. */
  readonly jobs: readonly LabJob[];
}
export interface LabJob {
  readonly id: number;
  readonly pipeline: number;
  readonly name: string;
  readonly stage: string;
  readonly status: LabStatus;
  readonly allowFailure: boolean;
  readonly when: string;
  readonly environment: string | null;
  /** Another job took its place. */
  readonly retried: boolean;
  readonly failure: 'script_failure' | 'runner_system_failure' | 'job_execution_timeout' | null;
  readonly by: LabUser;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}
/** What pipelines of one project are run with. */
export interface CiOptions {
  /** The bare repository. */
  readonly repository: string;
  /** `homelab/services`, for `CI_PROJECT_PATH` and the like. */
  readonly project: { readonly id: number; readonly path: string; readonly url: string };
  /** Ids of pipelines and jobs are counted over all projects of a server. */
  readonly nextId: () => number;
  /** CI/CD variables as they are at that moment, by environment scope; `file` ones are written to a file whose path is the value. */
  readonly variables: () => readonly LabVariable[];
  /** Added to PATH, so that a job finds `sentinel`. */
  readonly path: readonly string[];
  /** How many jobs run at the same time. */
  readonly concurrency: number;
  /** Without one: `main`. */
  readonly defaultBranch?: string;
  /** The bare repository of another project, for `include: project:`; null: nobody may read it, or there is none. */
  readonly includes?: (project: string) => string | null;
  /** Names or `release/*`; only their pipelines see protected variables. Without it: the default branch. */
  readonly protectedBranches?: () => readonly string[];
  /**
   * What a push marked `[skip ci]` makes: nothing, or as GitLab itself has it a pipeline without jobs that ends
   * `skipped`. Without it: nothing.
   */
  readonly skipped?: 'nothing' | 'pipeline';
  /** How long a canceled job may take to end by itself, in milliseconds. */
  readonly grace?: number;
}
export interface LabVariable {
  readonly key: string;
  readonly value: string;
  readonly type: 'env_var' | 'file';
  readonly scope: string;
  readonly protected: boolean;
  readonly masked: boolean;
  readonly hidden: boolean;
}
