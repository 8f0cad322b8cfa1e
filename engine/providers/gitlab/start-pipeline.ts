import type { PipelineSummary, Variables } from '../../forge-port.ts';
import type { Result } from '../../types.ts';
import { jobRefused } from './job-refused.ts';
import { parsePipeline } from './pipeline-shapes.ts';
import type { ProjectPlace } from './play-job.ts';
import { GitlabRefusal, isAmbiguous } from './refusal.ts';
import { read, readAll } from './shapes.ts';

interface Start {
  readonly branch: string;
  readonly variables: Variables;
}

const lookAgainMs = [1_000, 3_000];

/** Starts a pipeline once: after a cut-off the one that was started is looked for. */
export async function startPipeline(
  place: ProjectPlace,
  start: Start,
  signal: AbortSignal,
): Promise<Result<PipelineSummary>> {
  const { gitlab, project, name } = place;
  const [newest] = await ofBranch(place, start.branch, signal);
  const variables = Object.entries(start.variables).map(([key, value]) => ({ key, value }));
  try {
    const made: unknown = await gitlab.api(signal).pipelines.create(project, start.branch, { variables });
    return { ok: true, value: parsePipeline(read(made)) };
  } catch (error) {
    if (error instanceof GitlabRefusal) {
      const message = `GitLab did not start a pipeline of ${name} for ${start.branch}`;
      return { ok: false, problems: jobRefused(message, error) };
    }
    if (!isAmbiguous(error)) throw error;
    const found = await startedBefore(place, { start, after: newest?.id ?? 0 }, signal);
    if (found === null) throw error;
    return { ok: true, value: found };
  }
}

async function startedBefore(
  place: ProjectPlace,
  { start, after }: { readonly start: Start; readonly after: number },
  signal: AbortSignal,
): Promise<PipelineSummary | null> {
  for (const wait of lookAgainMs) {
    await place.gitlab.clock.wait(wait, signal);
    for (const pipeline of await ofBranch(place, start.branch, signal))
      if (pipeline.id > after && (await hasVariables(place, { pipeline, start }, signal))) return pipeline;
  }
  return null;
}

async function ofBranch(
  { gitlab, project }: ProjectPlace,
  ref: string,
  signal: AbortSignal,
): Promise<readonly PipelineSummary[]> {
  const query = { ref, orderBy: 'id' as const, sort: 'desc' as const, perPage: 20, page: 1 };
  return readAll(await gitlab.api(signal).pipelines.all(project, query)).map(parsePipeline);
}

async function hasVariables(
  place: ProjectPlace,
  { pipeline, start }: { readonly pipeline: PipelineSummary; readonly start: Start },
  signal: AbortSignal,
): Promise<boolean> {
  const values = await variablesOf(place, pipeline.id, signal);
  return Object.entries(start.variables).every(([key, value]) => values[key] === value);
}

/** What a pipeline was started with. */
export async function variablesOf(
  { gitlab, project }: Pick<ProjectPlace, 'gitlab' | 'project'>,
  pipeline: number,
  signal: AbortSignal,
): Promise<Variables> {
  const found = readAll(await gitlab.api(signal).pipelines.allVariables(project, pipeline));
  return Object.fromEntries(
    found.map((variable) => [variable.text('key'), variable.textOr('value', null) ?? '']),
  );
}
