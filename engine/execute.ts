import type { EngineContext } from './context.ts';
import type { Guard } from './guard.ts';
import { createStepRecord, keepHoldings, type StepRecord } from './holdings/index.ts';
import type { Ended } from './notify/index.ts';
import { publishAfterwards } from './pipeline/publish-afterwards.ts';
import { publishDraft } from './publish-draft.ts';
import { toProblem, type Problem } from './problems.ts';
import type { Planned } from './propose.ts';
import { revertDraft } from './revert-draft.ts';
import { walk, type RunResult } from './runner.ts';
import { stages } from './stages/index.ts';
import { createStory, type Story } from './story.ts';
import type { Proposal } from './types.ts';

export interface Execution {
  readonly proposal: Proposal;
  readonly planned: Planned;
  readonly deployment: string;
  readonly guard: Guard;
}
interface Telling {
  readonly story: Story;
  readonly signal: AbortSignal;
  readonly started: Started;
  readonly record: StepRecord;
}
interface Started {
  readonly startedAt: string;
  readonly approvedBy: readonly string[];
}

/**
 * Writes the first event (throws when it cannot). The returned function lets the deployment run, on its own, until it
 * is finished; it is called once that record is kept, so that nothing happens without one.
 */
export function execute(context: EngineContext, execution: Execution): () => void {
  const { proposal, planned, deployment } = execution;
  const abort = new AbortController();
  const record = createStepRecord(planned.plan);
  const story = createStory({
    deployment,
    firstSeq: 1,
    now: () => context.clock.now(),
    emit: (event) => {
      context.emit(event);
      record.note(event);
    },
    onBroken: () => abort.abort(),
  });
  const started = {
    startedAt: context.clock.now().toISOString(),
    approvedBy: proposal.votes.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by.name),
  };
  story.tell({
    type: 'started',
    plan: planned.plan,
    proposal: proposal.id,
    request: proposal.request,
    actor: proposal.requestedBy,
    approvedBy: started.approvedBy,
  });
  const signal = AbortSignal.any([abort.signal, execution.guard.lost]);
  return () => {
    const done = run(context, execution, { story, signal, started, record });
    context.running.set(deployment, { abort, story, done });
  };
}

async function run(context: EngineContext, execution: Execution, telling: Telling): Promise<void> {
  const { proposal, deployment, guard } = execution;
  const log = context.log.child({ deployment });
  let ended: Ended | null = null;
  try {
    const result = await runAndPublish(context, execution, telling);
    const { outcome, services, problem } = result;
    telling.story.tell({ type: 'finished', outcome, services, problem });
    ended = endedOf(context, execution, { result, started: telling.started });
    log.info({ outcome }, 'deployment finished');
  } catch (error) {
    // Only a broken journal or a programming error gets here: nothing more may be done, a person has to look.
    log.error({ problem: toProblem(error) }, 'deployment stopped without a final record');
  }
  try {
    context.store.proposals.move(proposal.id, ['running'], 'done');
  } catch (error) {
    log.error({ problem: toProblem(error) }, 'the request could not be marked as done');
  }
  await guard.release();
  context.running.delete(deployment);
  if (ended !== null) void context.announcer.announce(ended);
}

function endedOf(
  context: EngineContext,
  { proposal, planned, deployment }: Execution,
  { result, started }: { readonly result: RunResult; readonly started: Started },
): Ended {
  const { outcome, services, problem } = result;
  return {
    ...{ deployment, plan: planned.plan, scope: planned.drafted.frame.scope },
    ...{ request: proposal.request, actor: proposal.requestedBy },
    ...started,
    finishedAt: context.clock.now().toISOString(),
    ...{ outcome, services, problem },
  };
}

async function runAndPublish(
  context: EngineContext,
  execution: Execution,
  telling: Telling,
): Promise<RunResult> {
  const { proposal, planned, deployment, guard } = execution;
  const { draft } = proposal;
  const { source, frame } = planned.drafted;
  const { story, signal } = telling;
  const { startedAt } = telling.started;
  // What goes back does so first: a branch that cannot be written must not keep a broken service as it is.
  const before = proposal.request.kind === 'rollback' ? null : draft;
  const published =
    before === null
      ? null
      : await publishDraft(context, { source, draft: before, proposal }, { story, signal, startedAt });
  if (published?.ok === false)
    return unpublished(planned.plan, published.problems[0] ?? toProblem('not published'));
  const ports = { ...context.ports, log: context.log.child({ deployment }) };
  // Releases name the commit as it is on the branch, which need not be the draft.
  const plan = published === null ? planned.plan : { ...planned.plan, revision: published.value };
  const result = await walk({
    plan,
    scope: frame.scope,
    stages,
    ports,
    story,
    deployment,
    signal,
    lost: guard.lost,
  });
  const keeping = {
    scope: frame.scope,
    environment: plan.environment,
    deployment,
    taken: telling.record.taken(),
  };
  if (!guard.lost.aborted) await keepHoldings(keeping, ports);
  if (before !== null && published !== null && result.undone)
    story.tell(await revertDraft(source, { draft: before, proposal, published: published.value }));
  return before === draft || draft === null
    ? result
    : publishAfterwards(context, { source, draft, proposal, result }, { story, startedAt });
}

/** Each service that was to change ended the same way, so that its own record knows of it. */
function unpublished({ services }: Planned['plan'], problem: Problem): RunResult {
  const outcome = problem.code === 'cancelled' ? 'cancelled' : 'failed';
  const changing = services.filter(({ action }) => action !== 'none');
  return {
    outcome,
    services: Object.fromEntries(changing.map(({ name }) => [name, outcome])),
    problem,
    undone: true,
  };
}
