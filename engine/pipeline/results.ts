import { parseVerificationFile } from '../../schema/index.ts';
import type { JobState, PipelineState } from '../forge-port.ts';
import { toProblem, type Problem } from '../problems.ts';
import type { Outcome } from '../types.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';

/** What the jobs of a pipeline say happened to each service. */
export interface Results {
  readonly services: Readonly<Record<string, Outcome>>;
  /** What the commands said of themselves, in the order of their jobs. */
  readonly outcomes: readonly Outcome[];
  /** What they said went wrong, first one first. */
  readonly problem: Pick<Problem, 'message' | 'hint'> | null;
}
type ResultFile = Results & { readonly command: string };

const severity: readonly Outcome[] = [
  'succeeded',
  'degraded',
  'cancelled',
  'rolled-back',
  'failed',
  'needs-attention',
];
const worse = (a: Outcome | undefined, b: Outcome): Outcome =>
  a !== undefined && severity.indexOf(a) > severity.indexOf(b) ? a : b;

/** Reads result.json and verification.json of every job that ended. Each service gets the worst that is said of it. */
export async function readResults(following: Following, { jobs }: PipelineState): Promise<Results> {
  const services = new Map<string, Outcome>();
  const seen = new Map<string, Outcome>();
  const outcomes: Outcome[] = [];
  let problem: Results['problem'] = null;
  for (const job of jobs.filter(({ status }) => status === 'success' || status === 'failed')) {
    const result = parseResult(await artifact(following, job, 'result.json'));
    if (result !== null) {
      outcomes.push(...result.outcomes);
      problem ??= result.problem;
      for (const [name, outcome] of Object.entries(result.services))
        // Going back by hand comes after everything else, and is what holds then.
        services.set(
          name,
          result.command === 'rollback' ? goneBack(outcome) : worse(services.get(name), outcome),
        );
    }
    for (const [name, outcome] of verified(await artifact(following, job, 'verification.json')))
      seen.set(name, worse(seen.get(name), outcome));
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
  const outcomes = { passed: 'succeeded', degraded: 'degraded', failed: 'failed' } as const;
  return new Map(file.value.services.map(({ name, status }) => [name, outcomes[status]]));
}

/** Pure: a result.json, or null where it is none. */
export function parseResult(text: string | null): ResultFile | null {
  const file = parseJson(text);
  if (!isRecord(file) || typeof file['command'] !== 'string') return null;
  const { outcome, services, problem } = file;
  const said = isRecord(services) ? Object.entries(services) : [];
  return {
    command: file['command'],
    outcomes: isOutcome(outcome) ? [outcome] : [],
    services: Object.fromEntries(said.flatMap(([name, value]) => (isOutcome(value) ? [[name, value]] : []))),
    problem:
      isRecord(problem) && typeof problem['message'] === 'string'
        ? {
            message: problem['message'],
            ...(typeof problem['hint'] === 'string' ? { hint: problem['hint'] } : {}),
          }
        : null,
  };
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isOutcome = (value: unknown): value is Outcome => severity.some((outcome) => outcome === value);
