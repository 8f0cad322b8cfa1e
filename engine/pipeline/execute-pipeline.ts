import type { EngineContext } from '../context.ts';
import type { Execution } from '../execute.ts';
import type { Pipelines, PipelineSummary } from '../forge-port.ts';
import type { Proposal } from '../types.ts';
import { createFollowing, type Ending, type Following } from './following.ts';
import { follow } from './follow.ts';
import { publishForPipeline } from './publish.ts';
import { seekPipeline } from './seek.ts';
import { setOut } from './set-out.ts';
import { startPipeline } from './start-pipeline.ts';

/**
 * As `execute`, where the project's own pipeline does the work: writes the first event (throws when it cannot); the
 * returned function publishes the change and follows its pipeline, on its own, until it is finished.
 */
export function executePipeline(
  context: EngineContext,
  { proposal, planned, deployment, guard }: Execution,
  pipelines: Pipelines,
): () => void {
  const { plan, drafted } = planned;
  const { request, requestedBy: actor } = proposal;
  const approvedBy = proposal.votes.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by.name);
  const startedAt = context.clock.now().toISOString();
  const record = { id: deployment, proposal: proposal.id, plan, request, actor, approvedBy, startedAt };
  const following = createFollowing(context, { record, source: drafted.source, pipelines, guard });
  following.story.tell({ type: 'started', plan, proposal: proposal.id, request, actor, approvedBy });
  return () => setOut(context, following, () => begin(context, following, proposal));
}

async function begin(context: EngineContext, following: Following, proposal: Proposal): Promise<Ending> {
  const { draft } = proposal;
  if (draft === null) return goOn(context, following, await startPipeline(context, following, proposal));
  const published = await publishForPipeline(context, following, { proposal, draft });
  if (typeof published !== 'string') return published;
  return followCommit(context, following, { commit: published, branch: draft.branch });
}

/** Finds the pipeline of a commit on its branch and follows it. */
export async function followCommit(
  context: EngineContext,
  following: Following,
  at: { readonly commit: string; readonly branch: string },
): Promise<Ending> {
  return goOn(context, following, await seekPipeline(context, following, at));
}

/** Follows what was found; the record has it first, so that it is found again after a restart. */
export function goOn(
  context: EngineContext,
  following: Following,
  found: PipelineSummary | Ending,
): Ending | Promise<Ending> {
  if ('kind' in found) return found;
  following.story.tell({ type: 'pipeline', pipeline: found });
  return follow(context, following, found.id);
}
