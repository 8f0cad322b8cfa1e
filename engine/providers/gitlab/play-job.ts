import type { Variables } from '../../forge-port.ts';
import type { Result } from '../../types.ts';
import type { Gitlab } from './gitlab.ts';
import { parseJob } from './pipeline-shapes.ts';
import { GitlabRefusal, isAmbiguous } from './refusal.ts';
import { jobRefused } from './job-refused.ts';
import { read } from './shapes.ts';

export interface ProjectPlace {
  readonly gitlab: Gitlab;
  readonly project: number | string;
  readonly name: string;
}
interface Play {
  readonly job: number;
  readonly variables: Variables;
}

/** Plays a manual job; what somebody played before or at the same moment runs, and that is what was wanted. */
export async function playJob(
  place: ProjectPlace,
  play: Play,
  signal: AbortSignal,
): Promise<Result<{ readonly played: boolean }>> {
  const { gitlab, project, name } = place;
  try {
    await sendPlay(place, play, signal);
    return { ok: true, value: { played: true } };
  } catch (error) {
    if (!(error instanceof GitlabRefusal)) throw error;
    if (error.status !== 400)
      return { ok: false, problems: jobRefused(`GitLab did not start job ${play.job} of ${name}`, error) };
    const job = read(await gitlab.api(signal).jobs.show(project, play.job));
    const { name: jobName, status } = parseJob(job);
    if (wasStarted(job.text('status'))) return { ok: true, value: { played: false } };
    const message = `GitLab did not start the job ${jobName} of ${name}, which is ${status}`;
    return { ok: false, problems: jobRefused(message, error) };
  }
}

/** A job has one run under one id, so asking a second time after a cut-off cannot start it twice. */
async function sendPlay(
  { gitlab, project }: ProjectPlace,
  { job, variables }: Play,
  signal: AbortSignal,
): Promise<void> {
  const { jobs } = gitlab.api(signal);
  const jobVariablesAttributes = Object.entries(variables).map(([key, value]) => ({ key, value }));
  try {
    await jobs.play(project, job, { jobVariablesAttributes });
  } catch (error) {
    if (!isAmbiguous(error)) throw error;
    const status = read(await jobs.show(project, job)).text('status');
    if (status === 'manual') await jobs.play(project, job, { jobVariablesAttributes });
    else if (!wasStarted(status)) throw error;
  }
}

function wasStarted(status: string): boolean {
  return !['manual', 'created', 'skipped', 'canceled'].includes(status);
}
