import { parseResultFile, parseVerificationFile, type ResultFile } from '../../schema/index.ts';
import { outcomeOfStatus } from '../check-outcomes.ts';
import type { JobState, PipelineState } from '../forge-port.ts';
import { toProblem, type Problem } from '../problems.ts';
import type { Outcome } from '../types.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';
import { worst } from '../worst.ts';

/** What the jobs of a pipeline say happened to each service. */
export interface Results {
  readonly services: Readonly<Record<string, Outcome>>;
  /** What the commands said of themselves, in the order of their jobs. */
  readonly outcomes: readonly Outcome[];
  /** What they said went wrong, first one first. */
  readonly problem: Pick<Problem, 'message' | 'hint'> | null;
}

/** Reads result.json and verification.json of every job that ended. Each service gets the worst that is said of it. */
export async function readResults(following: Following, { jobs }: PipelineState): Promise<Results> {
  const services = new Map<string, Outcome>();
  const seen = new Map<string, Outcome>();
  const outcomes: Outcome[] = [];
  let problem: Results['problem'] = null;
  for (const job of jobs.filter(({ status }) => status === 'success' || status === 'failed')) {
    const result = resultIn(await artifact(following, job, 'result.json'));
    if (result !== null) {
      outcomes.push(result.outcome);
      problem ??= result.problem;
      for (const [name, outcome] of Object.entries(result.services))
        // Going back by hand comes after everything else, and is what holds then.
        services.set(
          name,
          result.command === 'rollback' ? goneBack(outcome) : worst([services.get(name) ?? outcome, outcome]),
        );
    }
    for (const [name, outcome] of verified(await artifact(following, job, 'verification.json')))
      seen.set(name, worst([seen.get(name) ?? outcome, outcome]));
  }
  return { services: Object.fromEntries([...seen, ...services]), outcomes, problem };
}

/** What is refused for good is as if it were not there; a server that is away is asked again later. */
async function artifact(following: Following, job: JobState, path: string): Promise<string | null> {
  try {
    return await following.pipelines.artifact({ job: job.id, path }, callSignal(following));
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code !== 'forge-refused') throw error;
    following.log.warn({ job: job.name, path, problem }, 'an artifact cannot be read');
    return null;
  }
}

const goneBack = (outcome: Outcome): Outcome => (outcome === 'succeeded' ? 'rolled-back' : outcome);

function verified(text: string | null): ReadonlyMap<string, Outcome> {
  const file = text === null ? null : parseVerificationFile(text, 'verification.json');
  if (file?.ok !== true) return new Map();
  return new Map(file.value.services.map(({ name, status }) => [name, outcomeOfStatus[status]]));
}

function resultIn(text: string | null): ResultFile | null {
  const file = text === null ? null : parseResultFile(text, 'result.json');
  return file?.ok === true ? file.value : null;
}
