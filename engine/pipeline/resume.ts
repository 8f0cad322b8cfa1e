import { inEnvironment, type EngineContext } from '../context.ts';
import { takeGuard } from '../guard.ts';
import type { PipelineSummary } from '../forge-port.ts';
import { toProblem } from '../problems.ts';
import type { DeploymentRecord, Draft, Proposal } from '../types.ts';
import { callSignal } from './calls.ts';
import { followCommit, goOn } from './execute-pipeline.ts';
import { follow } from './follow.ts';
import { createFollowing, isDetached, type Ending, type Following } from './following.ts';
import { lookUpPublished } from './look-up-published.ts';
import { pushed } from './publish.ts';
import { seekStarted } from './seek.ts';
import { setOut } from './set-out.ts';

/** Takes up a deployment again whose pipeline went on without us. False where no pipeline does its work. */
export function resume(context: EngineContext, record: DeploymentRecord): boolean {
  const { request, plan, proposal: id } = record;
  if (request.kind !== 'pipeline' && request.route !== 'pipeline') return false;
  const source = context.sources.find(({ repository }) => repository.name === plan.repository);
  if (source === undefined || source.pipelines === null) return false;
  const proposal = id === null ? undefined : context.store.proposals.get(id);
  const guard = proposal === undefined ? null : takeGuard(context, proposal, record.id);
  // Somebody else may work on the service by now; what runs in GitLab is to be seen all the same.
  if (guard !== null && 'code' in guard)
    context.log.warn({ deployment: record.id, problem: guard }, 'followed without its lock');
  const following = createFollowing(context, {
    ...{ record, source, pipelines: source.pipelines },
    guard: guard !== null && 'code' in guard ? null : guard,
    told: context.store.journal.events(record.id),
  });
  setOut(context, following, () => takeUp(context, following, proposal));
  return true;
}

/** With the secrets of its environment, before anything of its jobs is told. */
async function takeUp(
  everywhere: EngineContext,
  following: Following,
  proposal: Proposal | undefined,
): Promise<Ending> {
  const { environment } = following.record.plan;
  const context = await answered(everywhere, following, () =>
    inEnvironment(everywhere, environment, callSignal(following)),
  );
  return context === null ? { kind: 'detached' } : goOnWith(context, following, proposal);
}

async function goOnWith(
  context: EngineContext,
  following: Following,
  proposal: Proposal | undefined,
): Promise<Ending> {
  const { record, known } = following;
  const { pipeline, published } = known();
  const draft = proposal?.draft ?? null;
  if (pipeline !== null) return follow(context, following, pipeline.id);
  if (published !== null && draft !== null)
    return followCommit(context, following, { commit: published, branch: draft.branch });
  if (record.request.kind === 'pipeline') return follow(context, following, record.request.pipeline);
  if (draft !== null) return findPublished(context, following, draft);
  return startedBefore(context, following);
}

/** Cut off while the commit left: where it arrived, its pipeline is followed; a person decides about the rest. */
async function findPublished(context: EngineContext, following: Following, draft: Draft): Promise<Ending> {
  const { known, record, source } = following;
  if (!known().pushing) return { kind: 'interrupted' };
  const where = { draft, environment: record.plan.environment, since: record.startedAt };
  const commit = await answered(context, following, () =>
    lookUpPublished(source, where, callSignal(following)),
  );
  if (isDetached(following)) return { kind: 'detached' };
  if (commit === null) return { kind: 'interrupted' };
  pushed(following, draft, { commit, url: null });
  return followCommit(context, following, { commit, branch: draft.branch });
}

async function startedBefore(context: EngineContext, following: Following): Promise<Ending> {
  const found: PipelineSummary | null = await seekStarted(context, following);
  if (isDetached(following)) return { kind: 'detached' };
  return found === null ? { kind: 'interrupted' } : goOn(context, following, found);
}

/** Asks until there is an answer: that nothing is seen now does not mean that nothing happened. */
async function answered<T>(
  { pace }: EngineContext,
  following: Following,
  work: () => Promise<T>,
): Promise<T | null> {
  const { detached, waker, log } = following;
  while (!isDetached(following)) {
    try {
      return await work();
    } catch (error) {
      log.warn({ problem: toProblem(error) }, 'what is needed to go on cannot be looked up; tried again');
    }
    await waker.wait(pace.lookMs, detached.signal);
  }
  return null;
}
