import type { EngineContext } from '../context.ts';
import type { JobState, PipelineState } from '../forge-port.ts';
import { toProblem, type Problem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import type { Outcome } from '../types.ts';
import { isDetached, type Ending, type Following } from './following.ts';
import { oneLine } from '../notify/one-line.ts';
import { worst } from '../worst.ts';
import { ownResults } from './own-results.ts';
import { readResults, type Results } from './results.ts';
import { logOf } from './tell-changes.ts';

type Finished = Extract<Ending, { kind: 'finished' }>;

/** How a pipeline ended, for each service and altogether, in the words of its jobs. */
export async function conclude(
  context: EngineContext,
  following: Following,
  { state, isLastTry }: { readonly state: PipelineState; readonly isLastTry: boolean },
): Promise<Finished> {
  const unread: string[] = [];
  const said = await readResults(isLastTry ? leavingOut(following, unread) : following, state);
  const results = await ownResults(context, following, { commit: state.commit, results: said });
  // What nobody could read may be anything: then it is not all well.
  const outcome = worst([outcomeOf(state, results), ...(unread.length > 0 ? ['degraded' as const] : [])]);
  const problem = await problemOf(context, following, { state, results, outcome });
  const services = servicesOf(following, { state, results, outcome });
  return { kind: 'finished', outcome, services, problem };
}

/** The same, where a file that cannot be read counts as missing and its name is noted. */
function leavingOut(following: Following, unread: string[]): Following {
  const { pipelines, log } = following;
  return {
    ...following,
    pipelines: {
      ...pipelines,
      async artifact(request, signal) {
        try {
          return await pipelines.artifact(request, signal);
        } catch (error) {
          if (isDetached(following)) throw error;
          log.warn({ ...request, problem: toProblem(error) }, 'an artifact cannot be read; left out');
          unread.push(request.path);
          return null;
        }
      },
    },
  };
}

/** Pure: the outcome of the whole. What a job says of itself never makes it better than what GitLab says. */
export function outcomeOf(state: PipelineState, results: Results): Outcome {
  switch (state.status) {
    case 'canceled':
      return state.jobs.some(touchesHosts) ? 'needs-attention' : 'cancelled';
    case 'skipped':
      return 'cancelled';
    case 'success':
      return ofGreen(state, results);
    case 'waiting':
    case 'running':
    case 'manual':
    case 'failed':
      return ofRed(results);
  }
}

/** Green is what GitLab calls it; a child pipeline nobody waited for may have ended otherwise. */
function ofGreen(state: PipelineState, results: Results): Outcome {
  const failed = failedJob(state);
  if (failed?.allowFailure === false) return ofRed(results);
  const stopped = state.jobs.filter(({ status }) => status === 'canceled');
  if (stopped.some(touchesHosts)) return 'needs-attention';
  const said = ofWords(results, failed !== undefined);
  return stopped.length > 0 || notStarted(state) !== undefined ? worst([said, 'cancelled']) : said;
}

function ofWords({ services, outcomes }: Results, someJobFailed: boolean): Outcome {
  const said = [...outcomes, ...Object.values(services)];
  const bad = (['needs-attention', 'failed', 'rolled-back'] as const).find((one) => said.includes(one));
  if (bad !== undefined) return bad;
  return someJobFailed || said.includes('degraded') || said.includes('cancelled') ? 'degraded' : 'succeeded';
}

function ofRed({ services, outcomes }: Results): Outcome {
  const said = [...outcomes, ...Object.values(services)];
  if (said.includes('needs-attention')) return 'needs-attention';
  return said.includes('rolled-back') && !Object.values(services).includes('failed')
    ? 'rolled-back'
    : 'failed';
}

const acting = /^(deploy|remove)/i;

/** The jobs that change what runs, by the stage they are in; once begun, nobody knows where they were stopped. */
function touchesHosts({ stage, name, startedAt }: JobState): boolean {
  return startedAt !== null && (acting.test(stage) || acting.test(name));
}

/** A job that changes what runs and was left: an optional one nobody let run. Known by its name, or else its stage. */
function notStarted({ jobs }: PipelineState): JobState | undefined {
  const byName = jobs.some(({ name }) => acting.test(name));
  return jobs
    .filter(({ status }) => status === 'manual' || status === 'skipped')
    .find(({ name, stage }) => acting.test(byName ? name : stage));
}

/** The one that stopped the pipeline; else one that was allowed to fail. */
function failedJob({ jobs }: PipelineState): JobState | undefined {
  const failed = jobs.filter(({ status }) => status === 'failed');
  return failed.find(({ allowFailure }) => !allowFailure) ?? failed[0];
}

interface Concluded {
  readonly state: PipelineState;
  readonly results: Results;
  readonly outcome: Outcome;
}

/**
 * A service no job speaks of went as the whole did. A pipeline begun outside that changed no host, such as one that
 * only checks the files, was no deployment of any.
 */
function servicesOf(
  { record }: Following,
  { state, results: { services }, outcome }: Concluded,
): Readonly<Record<string, Outcome>> {
  if (record.request.kind === 'pipeline' && !state.jobs.some(touchesHosts)) return {};
  const touched = record.plan.services.filter(({ action }) => action !== 'none');
  return { ...Object.fromEntries(touched.map(({ name }) => [name, outcome])), ...services };
}

async function problemOf(
  context: EngineContext,
  following: Following,
  { state, results, outcome }: Concluded,
): Promise<Problem | null> {
  if (outcome === 'succeeded') return null;
  const { secrets } = context.ports;
  if (state.status === 'canceled' || state.status === 'skipped') return stopped(following, state, outcome);
  const job = failedJob(state);
  const said = results.problem;
  const left = notStarted(state);
  if (job === undefined && left !== undefined) return leftAlone(left);
  if (job === undefined)
    return redactProblem(
      { code: 'pipeline-failed', message: said?.message ?? 'Not every job says that everything went well.' },
      secrets,
    );
  const log = await logOf(following, job, secrets);
  return redactProblem({ ...jobFailed(job, said), ...evidence(job, log) }, secrets);
}

const leftAlone = ({ name, url }: JobState): Problem => ({
  code: 'cancelled',
  message: `The job ${oneLine(name, 100)} was not started, so what it does was not done.`,
  hint: `Let it run in GitLab, or deploy again: ${url}`,
});

function jobFailed({ name, stage, failure }: JobState, said: Results['problem']): Problem {
  const why = failure === null ? '' : `: ${oneLine(failure, 100).replaceAll('_', ' ')}`;
  const words = said === null ? '' : ` ${said.message}`;
  return {
    code: 'pipeline-failed',
    message: `Job ${oneLine(name, 100)} of stage ${oneLine(stage, 100)} failed${why}.${words}`,
    where: oneLine(stage, 100),
    ...(said?.hint === undefined ? {} : { hint: said.hint }),
  };
}

const evidence = ({ name }: JobState, text: string): Pick<Problem, 'evidence'> =>
  text === '' ? {} : { evidence: [{ title: `log of ${oneLine(name, 100)}`, text }] };

function stopped({ pipelines }: Following, { id, status }: PipelineState, outcome: Outcome): Problem {
  const name = `Pipeline ${id} of ${pipelines.project}`;
  if (status === 'skipped') return { code: 'cancelled', message: `${name} was skipped: no job of it ran.` };
  return {
    code: 'cancelled',
    message: `${name} was cancelled.`,
    ...(outcome === 'needs-attention'
      ? {
          hint: 'A job that changes the hosts had begun. Deploy again, or roll back, so that everything is whole.',
        }
      : {}),
  };
}
