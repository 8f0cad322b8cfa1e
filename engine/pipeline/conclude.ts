import type { EngineContext } from '../context.ts';
import type { JobState, PipelineState } from '../forge-port.ts';
import type { Problem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import type { Outcome } from '../types.ts';
import type { Ending, Following } from './following.ts';
import { oneLine } from '../notify/one-line.ts';
import { readResults, type Results } from './results.ts';
import { logOf } from './tell-changes.ts';

type Finished = Extract<Ending, { kind: 'finished' }>;

/** How a pipeline ended, for each service and altogether, in the words of its jobs. */
export async function conclude(
  context: EngineContext,
  following: Following,
  state: PipelineState,
): Promise<Finished> {
  const results = await readResults(following, state);
  const outcome = outcomeOf(state, results);
  const problem = await problemOf(context, following, { state, results, outcome });
  return { kind: 'finished', outcome, services: servicesOf(following, results, outcome), problem };
}

/** Pure: the outcome of the whole. What a job says of itself never makes it better than what GitLab says. */
export function outcomeOf(state: PipelineState, results: Results): Outcome {
  switch (state.status) {
    case 'canceled':
      return state.jobs.some(touchesHosts) ? 'needs-attention' : 'cancelled';
    case 'skipped':
      return 'cancelled';
    case 'success':
      return ofGreen(results, failedJob(state) !== undefined);
    case 'waiting':
    case 'running':
    case 'manual':
    case 'failed':
      return ofRed(results);
  }
}

function ofGreen({ services, outcomes }: Results, someJobFailed: boolean): Outcome {
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

/** The jobs that change what runs, by the stage they are in; once begun, nobody knows where they were stopped. */
function touchesHosts({ stage, name, startedAt }: JobState): boolean {
  const acting = /^(deploy|remove)/;
  return startedAt !== null && (acting.test(stage) || acting.test(name));
}

/** The one that stopped the pipeline; else one that was allowed to fail. */
function failedJob({ jobs }: PipelineState): JobState | undefined {
  const failed = jobs.filter(({ status }) => status === 'failed');
  return failed.find(({ allowFailure }) => !allowFailure) ?? failed[0];
}

/** A service no job speaks of went as the whole did. */
function servicesOf(
  { record }: Following,
  { services }: Results,
  outcome: Outcome,
): Readonly<Record<string, Outcome>> {
  const touched = record.plan.services.filter(({ action }) => action !== 'none');
  return { ...Object.fromEntries(touched.map(({ name }) => [name, outcome])), ...services };
}

async function problemOf(
  context: EngineContext,
  following: Following,
  {
    state,
    results,
    outcome,
  }: {
    readonly state: PipelineState;
    readonly results: Results;
    readonly outcome: Outcome;
  },
): Promise<Problem | null> {
  if (outcome === 'succeeded') return null;
  const { secrets } = context.ports;
  if (state.status === 'canceled' || state.status === 'skipped') return stopped(following, state, outcome);
  const job = failedJob(state);
  const said = results.problem;
  if (job === undefined)
    return redactProblem(
      { code: 'pipeline-failed', message: said?.message ?? 'A job says that not everything went well.' },
      secrets,
    );
  const log = await logOf(following, job, secrets);
  return redactProblem({ ...jobFailed(job, said), ...evidence(job, log) }, secrets);
}

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
