import { ProblemError, toProblem } from '../../problems.ts';
import type { ChangePlace } from './change-place.ts';
import { parsePipeline } from './pipeline-shapes.ts';
import { readAll } from './shapes.ts';

/** Cancels what GitLab runs for a commit that must not be deployed; answers what is to be told where it could not. */
export async function stopPipelines(
  { gitlab, project }: ChangePlace,
  commit: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { pipelines } = gitlab.api(signal);
  try {
    const found = readAll(await pipelines.all(project, { sha: commit, perPage: 50, page: 1 }));
    const going = found
      .map(parsePipeline)
      .filter(({ status }) => status === 'waiting' || status === 'running' || status === 'manual');
    const stayed: string[] = [];
    for (const { id } of going) {
      const problem = await problemOf(() => pipelines.cancel(project, id));
      if (problem !== null) stayed.push(`Its pipeline ${id} could not be cancelled: ${problem}`);
    }
    return stayed.length === 0 ? null : stayed.join(' ');
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return `Whether a pipeline runs for it could not be looked up: ${toProblem(error).message}`;
  }
}

async function problemOf(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return toProblem(error).message;
  }
}
