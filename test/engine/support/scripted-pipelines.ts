import type {
  JobState,
  Pipelines,
  PipelineState,
  PipelineStatus,
  PipelineSummary,
} from '../../../engine/index.ts';
import { ProblemError } from '../../../engine/index.ts';
import { summaryOf } from '../../../engine/pipeline/tell-changes.ts';

/** A project's pipelines, moved by hand: nothing happens in it but what a test says. */
export interface ScriptedForge {
  readonly pipelines: Pipelines;
  /** Every call that asked for a change. */
  readonly calls: readonly (
    | {
        readonly call: 'start';
        readonly branch: string;
        readonly variables: Readonly<Record<string, string>>;
      }
    | { readonly call: 'play'; readonly job: number; readonly variables: Readonly<Record<string, string>> }
    | { readonly call: 'cancel'; readonly pipeline: number }
  )[];
  /** How often it was asked anything. */
  asked(): number;
  add(pipeline: Partial<PipelineSummary> & { readonly commit: string }, jobs?: readonly PartialJob[]): number;
  set(pipeline: number, status: PipelineStatus): void;
  job(pipeline: number, name: string, change: Partial<JobState>): void;
  artifact(pipeline: number, job: string, path: string, text: string): void;
  logs(pipeline: number, job: string, text: string): void;
  /** Away: every call fails as when the server does not answer. */
  away: boolean;
  /** What starting a pipeline makes; by default nothing can be started. */
  onStart: ((branch: string) => PipelineSummary) | null;
  /** The answer to the next change is lost after it was made. */
  loseAnswer: boolean;
  /** What it says to the next job that is played, instead of letting it run. */
  refusal: string | null;
  /** Its number, once it was asked for pipelines at all. */
  readonly number: number;
}
type PartialJob = Partial<JobState> & { readonly name: string };

export function createScriptedForge(project = 'homelab/services'): ScriptedForge {
  const all = new Map<number, PipelineState>();
  const artifacts = new Map<string, string>();
  const logs = new Map<number, string>();
  const startedWith = new Map<number, Readonly<Record<string, string>>>();
  const calls: ScriptedForge['calls'][number][] = [];
  let asked = 0;
  let lastId = 100;

  const get = (id: number): PipelineState => {
    const found = all.get(id);
    if (found === undefined)
      throw new ProblemError({ code: 'forge-refused', message: `pipeline ${id} is not there (404)` });
    return found;
  };
  const jobOf = (id: number, name: string): JobState => {
    const found = get(id).jobs.find((job) => job.name === name);
    if (found === undefined) throw new Error(`no job ${name}`);
    return found;
  };
  const answer = <T>(value: () => T): Promise<T> => {
    asked += 1;
    if (forge.away)
      return Promise.reject(new ProblemError({ code: 'forge-unreachable', message: 'nobody answers' }));
    return Promise.resolve().then(value);
  };
  const changed = <T>(value: T): T => {
    if (!forge.loseAnswer) return value;
    forge.loseAnswer = false;
    throw new ProblemError({ code: 'forge-unreachable', message: 'the answer was lost' });
  };
  /** Lists leave out the jobs and who started it, as GitLab's do. */
  const newestFirst = (): readonly PipelineSummary[] =>
    [...all.values()].toReversed().map((one) => ({ ...summaryOf(one), by: null }));

  const forge: ScriptedForge = {
    away: false,
    onStart: null,
    loseAnswer: false,
    refusal: null,
    number: 77,
    calls,
    asked: () => asked,
    add(pipeline, jobs = []) {
      const id = (lastId += 1);
      all.set(id, {
        ...{ id, url: `https://git.home/${project}/-/pipelines/${id}`, branch: 'main', status: 'running' },
        ...{ source: 'push', createdAt: new Date().toISOString(), by: { login: 'olivia', name: 'Olivia' } },
        ...pipeline,
        jobs: jobs.map((job, index) => ({
          ...{ id: id * 100 + index, stage: job.name, status: 'waiting', allowFailure: false },
          ...{ url: `https://git.home/j/${index}`, startedAt: null, finishedAt: null, failure: null },
          ...job,
        })),
      });
      return id;
    },
    set(id, status) {
      // As a server does: nothing is left that could still run where a pipeline was stopped.
      const rest: PipelineStatus | null =
        status === 'failed' ? 'skipped' : status === 'canceled' ? 'canceled' : null;
      const jobs = get(id).jobs.map((job) =>
        rest !== null && (job.status === 'waiting' || job.status === 'running')
          ? { ...job, status: rest }
          : job,
      );
      all.set(id, { ...get(id), status, jobs });
    },
    job(id, name, change) {
      const { jobs, ...rest } = get(id);
      all.set(id, { ...rest, jobs: jobs.map((job) => (job.name === name ? { ...job, ...change } : job)) });
    },
    artifact: (id, job, path, text) => void artifacts.set(`${jobOf(id, job).id} ${path}`, text),
    logs: (id, job, text) => void logs.set(jobOf(id, job).id, text),
    pipelines: {
      project,
      number: () => (asked === 0 ? null : forge.number),
      ofCommit: (commit) => answer(() => newestFirst().filter((one) => one.commit === commit)),
      since: (instant) =>
        answer(() => newestFirst().filter((one) => Date.parse(one.createdAt) >= Date.parse(instant))),
      read: (id) => answer(() => get(id)),
      variables: (id) => answer(() => startedWith.get(get(id).id) ?? {}),
      start: ({ branch, variables }) =>
        answer(() => {
          calls.push({ call: 'start', branch, variables });
          if (forge.onStart === null)
            return { ok: false, problems: [{ code: 'job-refused', message: 'no rules match' }] };
          const made = forge.onStart(branch);
          startedWith.set(made.id, variables);
          return changed({ ok: true, value: made });
        }),
      play: ({ job, variables }) =>
        answer(() => {
          calls.push({ call: 'play', job, variables });
          const { refusal: message } = forge;
          forge.refusal = null;
          if (message !== null) return { ok: false, problems: [{ code: 'job-refused', message }] };
          const holder = [...all.values()].find(({ jobs }) => jobs.some(({ id }) => id === job));
          const found = holder?.jobs.find(({ id }) => id === job);
          if (holder === undefined || found === undefined)
            return { ok: false, problems: [{ code: 'job-refused', message: 'no such job' }] };
          const played = found.status === 'manual';
          if (played) {
            forge.job(holder.id, found.name, { status: 'running', startedAt: new Date().toISOString() });
            forge.set(holder.id, 'running');
          }
          return changed({ ok: true, value: { played } });
        }),
      cancel: (pipeline) =>
        answer(() => {
          calls.push({ call: 'cancel', pipeline });
          forge.set(pipeline, 'canceled');
          return changed({ ok: true, value: undefined });
        }),
      log: (job) => answer(() => logs.get(job) ?? ''),
      artifact: ({ job, path }) => answer(() => artifacts.get(`${job} ${path}`) ?? null),
    },
  };
  return forge;
}
