import type { JobState, Pipelines, PipelineSummary } from '../../forge-port.ts';
import { ProblemError } from '../../problems.ts';
import type { Result } from '../../types.ts';
import type { Gitlab } from './gitlab.ts';
import { tailOf } from './job-log.ts';
import { playJob } from './play-job.ts';
import { inOrder, parseJob, parsePipeline } from './pipeline-shapes.ts';
import { GitlabRefusal } from './refusal.ts';
import { read, readAll, type Reader } from './shapes.ts';
import { startPipeline, variablesOf } from './start-pipeline.ts';

export interface PipelinesOptions {
  readonly gitlab: Gitlab;
  /** Id or path. */
  readonly project: number | string;
  /** For people; default the project as it was given. */
  readonly name?: string;
}

const mostListed = 50;
const mostPages = 10;
/** A pipeline that starts itself would have no end. */
const deepest = 3;
const largestArtifact = 1024 * 1024;

/** The pipelines of one GitLab project. */
export function createPipelines({ gitlab, project, name = String(project) }: PipelinesOptions): Pipelines {
  let number = typeof project === 'number' ? project : null;
  const learn = (pipeline: Reader): Reader => {
    number ??= pipeline.number('project_id');
    return pipeline;
  };
  const summaries = (pipelines: unknown): readonly PipelineSummary[] =>
    readAll(pipelines)
      .map((pipeline) => parsePipeline(learn(pipeline)))
      // Child pipelines are part of the one that started them.
      .filter(({ source }) => source !== 'parent_pipeline');
  return {
    project: name,
    number: () => number,
    async ofCommit(commit, signal) {
      const query = { sha: commit, orderBy: 'id' as const, sort: 'desc' as const };
      return summaries(
        await gitlab.api(signal).pipelines.all(project, { ...query, perPage: mostListed, page: 1 }),
      );
    },
    async since(instant, signal) {
      const query = { updatedAfter: instant, orderBy: 'updated_at' as const, sort: 'desc' as const };
      return summaries(
        await gitlab.api(signal).pipelines.all(project, { ...query, perPage: mostListed, page: 1 }),
      );
    },
    async read(pipeline, signal) {
      const summary = parsePipeline(learn(read(await gitlab.api(signal).pipelines.show(project, pipeline))));
      return { ...summary, jobs: await readJobs({ gitlab, project }, { pipeline, depth: 1 }, signal) };
    },
    variables: (pipeline, signal) => variablesOf({ gitlab, project }, pipeline, signal),
    start: (request, signal) => startPipeline({ gitlab, project, name }, request, signal),
    play: (request, signal) => playJob({ gitlab, project, name }, request, signal),
    cancel: (pipeline, signal) =>
      refusable(() => cancelAll({ gitlab, project }, { pipeline, depth: 1 }, signal)),
    log: async (job, signal) => tailOf((await absent(gitlab.api(signal).jobs.showLog(project, job))) ?? ''),
    async artifact({ job, path }, signal) {
      // gitbeaker puts the path into the address as it is
      const artifactPath = path.split('/').map(encodeURIComponent).join('/');
      const file: unknown = await absent(
        gitlab.api(signal).jobArtifacts.downloadArchive(project, { jobId: job, artifactPath }),
      );
      return typeof file === 'string' && Buffer.byteLength(file) <= largestArtifact ? file : null;
    },
  };
}

async function readJobs(
  place: { readonly gitlab: Gitlab; readonly project: number | string },
  { pipeline, depth }: { readonly pipeline: number; readonly depth: number },
  signal: AbortSignal,
): Promise<readonly JobState[]> {
  const { jobs: api } = place.gitlab.api(signal);
  const pages = { perPage: 100, maxPages: mostPages };
  const [jobs, bridges] = await Promise.all([
    api.all(place.project, { pipelineId: pipeline, includeRetried: true, ...pages }),
    api.allPipelineBridges(place.project, pipeline, { showExpanded: false, ...pages }),
  ]);
  const triggers = readAll(bridges);
  const own = inOrder([...readAll(jobs), ...triggers].map(parseJob));
  const started = new Map(triggers.map((bridge) => [bridge.number('id'), childOf(bridge)]));
  const all = own.map(async (job) => {
    const child = started.get(job.id) ?? null;
    if (child === null || depth === deepest) return [job];
    return [job, ...(await readJobs(place, { pipeline: child, depth: depth + 1 }, signal))];
  });
  return (await Promise.all(all)).flat();
}

/** A child pipeline goes on where the one that started it is over already, and GitLab stops only what still runs. */
async function cancelAll(
  place: { readonly gitlab: Gitlab; readonly project: number | string },
  { pipeline, depth }: { readonly pipeline: number; readonly depth: number },
  signal: AbortSignal,
): Promise<void> {
  const { jobs, pipelines } = place.gitlab.api(signal);
  const { status } = parsePipeline(read(await pipelines.show(place.project, pipeline)));
  const isOver = status === 'success' || status === 'failed' || status === 'canceled' || status === 'skipped';
  if (!isOver) await pipelines.cancel(place.project, pipeline);
  if (depth === deepest) return;
  const pages = { showExpanded: false, perPage: 100, maxPages: mostPages };
  const children = readAll(await jobs.allPipelineBridges(place.project, pipeline, pages)).map(childOf);
  for (const child of children)
    if (child !== null) await cancelAll(place, { pipeline: child, depth: depth + 1 }, signal);
}

/** Nothing for a pipeline of another project: that is not ours to tell. */
function childOf(bridge: Reader): number | null {
  const child = bridge.object('downstream_pipeline');
  const home = bridge.object('pipeline')?.number('project_id');
  if (child === null || (home !== undefined && child.number('project_id') !== home)) return null;
  return child.number('id');
}

/** Null for what GitLab does not have. */
async function absent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GitlabRefusal && error.status === 404) return null;
    // beyond what we would hold in memory for a file of at most 1 MB
    if (error instanceof ProblemError && /answer is too long/.test(error.message)) return null;
    throw error;
  }
}

async function refusable(work: () => Promise<void>): Promise<Result<void>> {
  try {
    await work();
    return { ok: true, value: undefined };
  } catch (error) {
    if (error instanceof GitlabRefusal) return { ok: false, problems: [error.problem] };
    throw error;
  }
}
