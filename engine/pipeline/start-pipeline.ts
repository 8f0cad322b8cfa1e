import type { EngineContext } from '../context.ts';
import type { PipelineSummary } from '../forge-port.ts';
import { toProblem, type Problem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import type { Outcome, Proposal } from '../types.ts';
import { callSignal } from './calls.ts';
import { isDetached, type Ending, type Following } from './following.ts';
import { seekStarted } from './seek.ts';

/** Starts a pipeline for what Git says already. It runs for the branch as it is now, which has to be what was planned. */
export async function startPipeline(
  context: EngineContext,
  following: Following,
  proposal: Proposal,
): Promise<PipelineSummary | Ending> {
  const { pipelines, source, record, abort } = following;
  const { environment, revision } = record.plan;
  const head = await source.repository.resolve({ environment }, callSignal(following));
  if (!head.ok) return failed(context, head.problems[0] ?? toProblem('the branch cannot be read'));
  const { branch, commit } = head.value;
  if (commit !== revision) return failed(context, movedAway(branch, commit));
  if (abort.signal.aborted) return failed(context, toProblem(abort.signal.reason), 'cancelled');
  const { request } = proposal;
  const variables = {
    ...('service' in request ? { SENTINEL_SERVICES: request.service } : {}),
    SENTINEL_ENVIRONMENT: environment,
    SENTINEL_REQUEST: proposal.id,
  };
  try {
    const started = await pipelines.start({ branch, variables }, callSignal(following));
    if (!started.ok)
      return await failed(context, started.problems[0] ?? toProblem('no pipeline was started'));
    return await unlessMoved(context, following, started.value);
  } catch (error) {
    // The answer may have been lost on its way, with the pipeline running.
    const found = await seekStarted(context, following);
    if (found !== null) return found;
    return isDetached(following) ? { kind: 'detached' } : failed(context, toProblem(error));
  }
}

/** Somebody pushed in between: that pipeline would deploy what nobody agreed to. */
async function unlessMoved(
  context: EngineContext,
  following: Following,
  started: PipelineSummary,
): Promise<PipelineSummary | Ending> {
  if (started.commit === following.record.plan.revision) return started;
  following.story.tell({ type: 'pipeline', pipeline: started });
  const cancelled = await following.pipelines.cancel(started.id, callSignal(following));
  const moved = movedAway(started.branch, started.commit);
  if (cancelled.ok) return failed(context, moved);
  const hint = `Stop pipeline ${started.id} in GitLab: it could not be cancelled from here.`;
  return failed(context, { ...moved, hint }, 'needs-attention');
}

function failed({ ports }: EngineContext, problem: Problem, outcome: Outcome = 'failed'): Promise<Ending> {
  const told = redactProblem(problem, ports.secrets);
  return Promise.resolve({ kind: 'finished', outcome, services: {}, problem: told });
}

const movedAway = (branch: string, commit: string): Problem => ({
  code: 'branch-moved',
  message: `${branch} moved to ${commit.slice(0, 8)} meanwhile, so a pipeline would deploy something else than was agreed to.`,
  hint: 'Ask again; the plan will be made anew.',
});
