import type { EngineContext } from '../context.ts';
import { planDigest } from '../digest.ts';
import type { JobState, PipelineState } from '../forge-port.ts';
import { gitRisks } from '../git-risks.ts';
import { ProblemError, toProblem } from '../problems.ts';
import type { Plan, Risk } from '../types.ts';
import { isDeployGate } from './acting-jobs.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';
import { readGatePlan, type GatePlan } from './gate-plan.ts';
import { named } from './named.ts';

/** A manual job that waits. */
export interface Gate {
  readonly state: PipelineState;
  readonly job: JobState;
}

/**
 * What a manual job would do, with the risks its commit brings by itself. Those are counted here: the plan.json of a
 * pipeline never says that sentinel.yml changed, and it is made by whoever may push.
 */
export async function gateOf(context: EngineContext, following: Following, gate: Gate): Promise<GatePlan> {
  const read = await readGatePlan(context, following, gate.state);
  const plan = isDeployGate(gate.state, gate.job) ? read.plan : ofAnotherJob(read.plan, gate.job);
  const risks = await commitRisks(context, following, plan);
  return risks.length === 0 && plan === read.plan ? read : { ...read, plan: withRisks(plan, risks) };
}

/** The plan says what is deployed. Of a job that is for something else nobody can say what it does. */
function ofAnotherJob({ risks, ...plan }: Plan, job: JobState): Plan {
  const message = `the plan of this pipeline is not about the job ${named(job).name}, so nobody can say what it does`;
  const unknown: Risk = { code: 'plan-unknown', service: '', message, alwaysApprove: true };
  const kept = risks.filter(({ service, code }) => service === '' && code !== 'plan-unknown');
  return { ...plan, steps: [], downtime: 0, diff: '', risks: [unknown, ...kept] };
}

function withRisks(plan: Plan, risks: readonly Risk[]): Plan {
  const codes = risks.map(({ code }) => code);
  const made = { ...plan, risks: [...plan.risks.filter(({ code }) => !codes.includes(code)), ...risks] };
  return { ...made, digest: planDigest(made) };
}

async function commitRisks(
  context: EngineContext,
  following: Following,
  { environment, revision }: Plan,
): Promise<readonly Risk[]> {
  const { source } = following;
  const signal = callSignal(following);
  try {
    const reading = await context.catalogue.read({ source, environment, revision }, signal);
    if (!reading.ok) throw new ProblemError(reading.problems[0] ?? toProblem('the commit cannot be read'));
    return await gitRisks(context, { source, environment, reading: reading.value }, signal);
  } catch (error) {
    if (toProblem(error).code !== 'revision-unknown') throw error;
    return [cannotTell];
  }
}

/** History was rewritten: what cannot be compared may have changed. */
const cannotTell: Risk = {
  code: 'inventory-changed',
  service: '',
  message:
    'a commit is gone, so nobody can tell whether sentinel.yml changed since the last deployment: somebody who administers Sentinel has to agree',
  alwaysApprove: true,
};
