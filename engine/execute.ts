import type { EngineContext } from './context.ts';
import { revertDraft } from './revert-draft.ts';
import type { Planned } from './propose.ts';
import { toProblem } from './problems.ts';
import { walk, type RunResult } from './runner.ts';
import { stages } from './stages/index.ts';
import { createStory, type Story } from './story.ts';
import type { Proposal } from './types.ts';

export interface Execution {
  readonly proposal: Proposal;
  readonly planned: Planned;
  readonly deployment: string;
  /** Frees every lock; called once, at the very end. */
  readonly unlock: () => Promise<void>;
}

/** Writes the first event (throws when it cannot), then runs on its own until the deployment is finished. */
export function execute(context: EngineContext, execution: Execution): void {
  const { proposal, planned, deployment } = execution;
  const abort = new AbortController();
  const story = createStory({
    deployment,
    firstSeq: 1,
    now: () => context.clock.now(),
    emit: context.emit,
    onBroken: () => abort.abort(),
  });
  story.tell({
    type: 'started',
    plan: planned.plan,
    proposal: proposal.id,
    request: proposal.request,
    actor: proposal.requestedBy,
    approvedBy: proposal.votes.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by.name),
  });
  const done = run(context, execution, { story, signal: abort.signal });
  context.running.set(deployment, { abort, story, done });
}

async function run(
  context: EngineContext,
  { proposal, planned, deployment, unlock }: Execution,
  { story, signal }: { readonly story: Story; readonly signal: AbortSignal },
): Promise<void> {
  const log = context.log.child({ deployment });
  try {
    const result = await runAndPublish(context, { proposal, planned, deployment }, { story, signal });
    const { outcome, services, problem } = result;
    story.tell({ type: 'finished', outcome, services, problem });
    log.info({ outcome }, 'deployment finished');
  } catch (error) {
    // Only a broken journal or a programming error gets here: nothing more may be done, a person has to look.
    log.error({ problem: toProblem(error), err: error }, 'deployment stopped without a final record');
  } finally {
    context.store.proposals.move(proposal.id, ['running'], 'done');
    await unlock().catch((error: unknown) =>
      log.error({ problem: toProblem(error) }, 'locks could not be freed'),
    );
    context.running.delete(deployment);
  }
}

async function runAndPublish(
  context: EngineContext,
  { proposal, planned, deployment }: Omit<Execution, 'unlock'>,
  { story, signal }: { readonly story: Story; readonly signal: AbortSignal },
): Promise<RunResult> {
  const { draft } = proposal;
  const { repository } = planned.drafted.source;
  if (draft !== null) {
    const pushed = await repository.push(draft.commit, draft.branch, signal);
    const problem = pushed.ok ? null : (pushed.problems[0] ?? toProblem('the push failed'));
    story.tell({ type: 'git', action: 'pushed', commit: draft.commit, branch: draft.branch, problem });
    if (problem !== null) return { outcome: 'failed', services: {}, problem, undone: true };
  }
  const ports = { ...context.ports, log: context.log.child({ deployment }) };
  const { frame } = planned.drafted;
  const result = await walk({
    plan: planned.plan,
    scope: frame.scope,
    stages,
    ports,
    story,
    deployment,
    signal,
  });
  if (draft !== null && result.undone)
    story.tell(await revertDraft(planned.drafted.source, { draft, proposal }));
  return result;
}
