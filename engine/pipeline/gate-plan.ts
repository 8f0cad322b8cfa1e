import canonicalize from 'canonicalize';
import { parsePlanFile } from '../../schema/index.ts';
import { planDigest } from '../digest.ts';
import type { EngineContext } from '../context.ts';
import type { JobState, PipelineState } from '../forge-port.ts';
import { toProblem } from '../problems.ts';
import type { Plan, Risk, Step } from '../types.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';
import { pipelineDiffers } from './pipeline-files.ts';

/** What a manual job would do, as far as its pipeline says so. */
export interface GatePlan {
  readonly plan: Plan;
  /** Of the plan the pipeline itself made: the job acts on that one or not at all. Null where there is none to believe. */
  readonly digest: string | null;
}

/** The plan an earlier job left. A file anybody who can push may have written: whatever is odd makes it unknown. */
export async function readGatePlan(
  context: EngineContext,
  following: Following,
  state: PipelineState,
): Promise<GatePlan> {
  const gate = await readPlan(context, following, state);
  const risks = await pipelineRisks(context, following, state);
  if (risks.length === 0) return gate;
  const plan = { ...gate.plan, risks: [...gate.plan.risks, ...risks] };
  return { ...gate, plan: { ...plan, digest: planDigest(plan) } };
}

async function readPlan(
  context: EngineContext,
  following: Following,
  state: PipelineState,
): Promise<GatePlan> {
  for (const job of planJobs(state)) {
    const path = 'plan.json';
    const text = await following.pipelines.artifact({ job: job.id, path }, callSignal(following));
    if (text !== null) return checked(context, following, { state, text });
  }
  return unknown(
    following,
    state,
    'no job of this pipeline left a plan.json, so nobody can say what this does',
  );
}

/** The job that is called so comes first; any other may have left it as well. */
function planJobs({ jobs }: PipelineState): readonly JobState[] {
  const rank = ({ name }: JobState): number =>
    name === 'plan_deployment' ? 0 : name.includes('plan') ? 1 : 2;
  return jobs.filter(({ status }) => status === 'success').toSorted((a, b) => rank(a) - rank(b));
}

async function checked(
  context: EngineContext,
  following: Following,
  { state, text }: { readonly state: PipelineState; readonly text: string },
): Promise<GatePlan> {
  const { ports, store } = context;
  const odd = (because: string): GatePlan =>
    unknown(following, state, `the plan.json of this pipeline ${because}, so nobody can say what this does`);
  if (ports.secrets.redact(text) !== text) return odd('holds the value of a secret');
  const file = parsePlanFile(text, 'plan.json');
  const plan = file.ok ? store.proposals.readPlan(file.value) : null;
  if (plan === null) return odd('is not a plan');
  if (planDigest(plan) !== plan.digest) return odd('is not what its digest says');
  if (plan.revision !== state.commit) return odd('was made for another commit');
  if (!(await isOfBranch(context, following, { plan, branch: state.branch })))
    return odd(`is not for ${following.record.plan.environment}`);
  return { plan, digest: plan.digest };
}

function unknown({ record }: Following, { commit }: PipelineState, message: string): GatePlan {
  const { repository, environment, services } = record.plan;
  const plan = {
    ...{ repository, environment, revision: commit, services, steps: [] },
    risks: [{ code: 'plan-unknown', service: '', message, alwaysApprove: true }],
    ...{ downtime: 0, diff: '' },
  } as const;
  return { plan: { ...plan, digest: planDigest(plan) }, digest: null };
}

/** One branch may hold several environments, each in a folder of its own: the plan says which of them it is for. */
async function isOfBranch(
  { environments }: EngineContext,
  following: Following,
  { plan: { environment }, branch }: { readonly plan: Plan; readonly branch: string },
): Promise<boolean> {
  const { record, source } = following;
  if (environment === record.plan.environment) return true;
  if (!environments.includes(environment)) return false;
  const found = await source.repository.resolve({ environment }, callSignal(following));
  return found.ok && found.value.branch === branch;
}

/**
 * A plan.json is made by jobs, and what jobs do is in the same commit. So whoever is asked is told when that is another
 * than at the last deployment that went well; before the first there is nothing to compare with.
 */
async function pipelineRisks(
  { store }: EngineContext,
  following: Following,
  { commit }: PipelineState,
): Promise<readonly Risk[]> {
  const { record, source, log } = following;
  const last = store.deployments.lastGood(record.plan.repository, record.plan.environment);
  if (last === undefined || last.plan.revision === commit) return [];
  const now = await source.repository.tree(commit, callSignal(following));
  const risk = { code: 'pipeline-changed', service: '', alwaysApprove: true } as const;
  const since = `since the last deployment (${last.plan.revision.slice(0, 8)})`;
  const read = '.gitlab-ci.yml or a file it includes';
  try {
    const before = await source.repository.tree(last.plan.revision, callSignal(following));
    if (!pipelineDiffers(before, now)) return [];
    const message = `${read} changed ${since}: the jobs may do something else than this plan says`;
    return [{ ...risk, message }];
  } catch (error) {
    // A history that was rewritten: what cannot be compared may have changed.
    log.warn({ problem: toProblem(error) }, 'what jobs do cannot be compared with the last deployment');
    return [{ ...risk, message: `nobody can tell whether ${read} changed ${since}` }];
  }
}

/** Pure: whether two plans do the same to the same things. The commit and the steps' numbers may be others. */
export function sameSteps(a: Plan, b: Plan): boolean {
  return agreedPart(a) === agreedPart(b);
}

function agreedPart({ steps }: Plan): string {
  const part = ({ stage, service, target, before, after }: Step): string =>
    canonicalize({ stage, service, target, before, after }) ?? '';
  return steps.map(part).toSorted().join('\n');
}
