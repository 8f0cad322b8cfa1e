import type { EngineContext } from '../context.ts';
import type { PipelineState, PipelineStatus } from '../forge-port.ts';
import { toProblem, type Problem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import { callSignal } from './calls.ts';
import { conclude } from './conclude.ts';
import { isDetached, type Ending, type Following } from './following.ts';
import { closeGates, tendGates, waits } from './gates.ts';
import { tellChanges } from './tell-changes.ts';

/** After this long without an answer but refusals, a person has to look. */
const refusedMs = 3_600_000;
/** What jobs left and cannot be read holds up the end for so many looks. */
const mostTries = 10;

/** Follows a pipeline to its end. Being woken makes it look now; looking from time to time makes up for lost news. */
export async function follow(
  context: EngineContext,
  following: Following,
  pipeline: number,
): Promise<Ending> {
  const { story, waker, detached } = following;
  const patience = createPatience(context, following);
  const tries = { left: mostTries };
  while (!isDetached(following)) {
    try {
      const ending = await look(context, following, { pipeline, tries });
      if (ending !== null) return ending;
      patience.answered();
    } catch (error) {
      if (story.broken !== null) throw error;
      if (!isDetached(following)) {
        const problem = patience.failed(error);
        if (problem !== null) return unseen(problem);
      }
    }
    await waker.wait(context.pace.lookMs, detached.signal);
  }
  return { kind: 'detached' };
}

interface Look {
  readonly pipeline: number;
  readonly tries: { left: number };
}

async function look(
  context: EngineContext,
  following: Following,
  { pipeline, tries }: Look,
): Promise<Ending | null> {
  const state = await following.pipelines.read(pipeline, callSignal(following));
  const { aborting } = following.known();
  const over = isAllOver(state);
  // Before anything that may fail: a stop waits for nothing.
  if (!over && aborting) await cancel(following, pipeline);
  await tellChanges(following, state, context.ports.secrets);
  if (over) {
    tries.left -= 1;
    // What its jobs left is read before anything is closed: should that fail, all of it is done again.
    const ending = await conclude(context, following, { state, isLastTry: tries.left <= 0 });
    closeGates(context, following);
    return ending;
  }
  if (!aborting) await tendGates(context, following, state);
  return null;
}

/** Asked again at every look until it is over: what was not taken once may be later. */
async function cancel({ pipelines, detached, log }: Following, pipeline: number): Promise<void> {
  const done = await pipelines.cancel(pipeline, callSignal({ detached }));
  if (!done.ok) log.warn({ pipeline, problems: done.problems }, 'the pipeline could not be cancelled');
}

/** Pure: whether nothing more happens by itself or by a person. A blocked pipeline waits, it is not over. */
export function isOver(status: PipelineStatus): boolean {
  return status === 'success' || status === 'failed' || status === 'canceled' || status === 'skipped';
}

/**
 * Pure: whether all that it started is over as well. A child pipeline may outlive the one that started it; where
 * something was stopped or failed, a manual job is not waited for.
 */
export function isAllOver({ status, jobs }: PipelineState): boolean {
  const goesOn = jobs.some((job) => job.status === 'waiting' || job.status === 'running');
  return isOver(status) && !goesOn && !(status === 'success' && jobs.some(waits));
}

interface Patience {
  answered(): void;
  /** The problem, once there is no sense in asking again. */
  failed(error: unknown): Problem | null;
}

/** A server that is away is waited for as long as it takes; one that refuses is not. */
function createPatience({ clock, ports }: EngineContext, { log }: Following): Patience {
  let quiet = false;
  let refusedSince: number | null = null;
  return {
    answered() {
      if (quiet) log.info({}, 'the pipeline can be seen again');
      quiet = false;
      refusedSince = null;
    },
    failed(error) {
      const problem = redactProblem(toProblem(error), ports.secrets);
      log[quiet ? 'debug' : 'warn']({ problem }, 'the pipeline cannot be seen; it is looked for again');
      quiet = true;
      if (problem.code !== 'forge-refused') return null;
      refusedSince ??= clock.now().getTime();
      return clock.now().getTime() - refusedSince >= refusedMs ? problem : null;
    },
  };
}

const unseen = (problem: Problem): Ending => ({
  kind: 'finished',
  outcome: 'needs-attention',
  services: {},
  problem: {
    ...problem,
    message: `Nobody can tell how the pipeline ended: ${problem.message}`,
    hint: 'Look at it in GitLab, and give Sentinel a token that may read it.',
  },
});
