import type { EngineContext } from '../context.ts';
import type { PipelineSummary } from '../forge-port.ts';
import { toProblem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import { callSignal } from './calls.ts';
import { isDetached, type Ending, type Following } from './following.ts';
import { pipelineMissing } from './missing.ts';

/** How long the clocks of two machines may be apart. */
const skewMs = 60_000;
/** GitLab makes a pipeline some moments after its commit; this is asked more often than what runs for minutes. */
const seekMs = 3_000;

/** Waits for the pipeline of a commit that is on its branch. A server that is away is waited for. */
export async function seekPipeline(
  context: EngineContext,
  following: Following,
  at: { readonly commit: string; readonly branch: string },
): Promise<PipelineSummary | Ending> {
  const look = async (): Promise<PipelineSummary | null> => {
    const all = await following.pipelines.ofCommit(at.commit, callSignal(following));
    const fit = all.filter((found) => found.branch === at.branch && isOfBranch(found));
    return fit.find((found) => isOurs(context, following, found)) ?? null;
  };
  const found = await seek(context, following, look);
  if (found !== null) return found;
  if (isDetached(following)) return { kind: 'detached' };
  const problem = await pipelineMissing(following, at);
  const outcome = following.known().aborting ? 'cancelled' : 'failed';
  return { kind: 'finished', outcome, services: {}, problem };
}

/** The pipeline we started and whose answer was lost: one for that commit, made for a program since then. */
export function seekStarted(context: EngineContext, following: Following): Promise<PipelineSummary | null> {
  const { record, pipelines } = following;
  const since = Date.parse(record.startedAt) - skewMs;
  return seek(context, following, async () => {
    const all = await pipelines.since(new Date(since).toISOString(), callSignal(following));
    const ours = all.filter(
      ({ source, commit, createdAt }) =>
        source === 'api' && commit === record.plan.revision && Date.parse(createdAt) >= since,
    );
    return ours.find((found) => isOurs(context, following, found)) ?? null;
  });
}

/** Looks until it is found; gives up at the deadline, but only when the server itself said that there is none. */
async function seek(
  context: EngineContext,
  following: Following,
  look: () => Promise<PipelineSummary | null>,
): Promise<PipelineSummary | null> {
  const { clock, pace, ports } = context;
  const { waker, detached, log } = following;
  const deadline = clock.now().getTime() + pace.appearMs;
  while (!isDetached(following)) {
    try {
      const found = await look();
      if (found !== null) return found;
      if (clock.now().getTime() >= deadline) return null;
    } catch (error) {
      const problem = redactProblem(toProblem(error), ports.secrets);
      if (!isDetached(following)) log.warn({ problem }, 'the pipeline cannot be looked for; tried again');
    }
    await waker.wait(Math.min(pace.lookMs, seekMs), detached.signal);
  }
  return null;
}

/** Pipelines of merge requests and those other pipelines start belong to no branch by themselves. */
export function isOfBranch({ source }: PipelineSummary): boolean {
  return !['merge_request_event', 'external_pull_request_event', 'parent_pipeline'].includes(source);
}

function isOurs({ store }: EngineContext, { record }: Following, { id }: PipelineSummary): boolean {
  const follows = store.deployments.ofPipeline(record.plan.repository, id);
  return follows === undefined || follows.id === record.id;
}
