import type { EngineContext } from '../context.ts';
import type { Ended } from '../notify/index.ts';
import { presentScope } from './present-scope.ts';
import { toProblem } from '../problems.ts';
import { deployed } from './acting-jobs.ts';
import { callSignal } from './calls.ts';
import type { Ending, Following } from './following.ts';

/** Lets a deployment be followed on its own, to its end or until Sentinel stops. */
export function setOut(context: EngineContext, following: Following, way: () => Promise<Ending>): void {
  const { record, abort, story } = following;
  const done = Promise.resolve().then(() => run(context, following, way));
  context.running.set(record.id, { abort, story, done, following });
}

async function run(context: EngineContext, following: Following, way: () => Promise<Ending>): Promise<void> {
  const { record, guard, log } = following;
  let ending: Ending | null = null;
  try {
    ending = ofDeployed(following, await way());
    writeEnd(following, ending);
    log.info({ ending: ending.kind }, 'pipeline is no longer followed');
  } catch (error) {
    // A broken journal or a programming error: nothing more may be done; the next start takes it up again.
    log.error({ problem: toProblem(error) }, 'following a pipeline stopped without a final record');
  }
  try {
    if (ending?.kind !== 'detached' && record.proposal !== null)
      context.store.proposals.move(record.proposal, ['running'], 'done');
  } catch (error) {
    log.error({ problem: toProblem(error) }, 'the request could not be marked as done');
  }
  await guard?.release();
  context.running.delete(record.id);
  if (ending?.kind === 'finished' && !isAnnounced(following)) void announce(context, following, ending);
}

/** Most pipelines deploy nothing, such as one that only checks: a service had no part in those nobody asked for here. */
function ofDeployed({ record, known }: Following, ending: Ending): Ending {
  if (ending.kind !== 'finished' || record.request.kind !== 'pipeline') return ending;
  return deployed(known().jobs.values()) ? ending : { ...ending, services: {} };
}

function writeEnd({ story }: Following, ending: Ending): void {
  switch (ending.kind) {
    case 'finished': {
      const { outcome, services, problem } = ending;
      story.tell({ type: 'finished', outcome, services, problem });
      return;
    }
    case 'interrupted':
      story.tell({ type: 'interrupted' });
      return;
    case 'detached':
      return;
  }
}

/**
 * Whether a job of the pipeline has told the sinks already. One that failed may have reached none of them: whoever is
 * told twice is better off than whoever is not told at all.
 */
function isAnnounced({ known }: Following): boolean {
  return [...known().jobs.values()].some(
    ({ name, stage, status }) => status === 'success' && [name, stage].some((each) => /^notify/i.test(each)),
  );
}

/** The end reaches the sinks of sentinel.yml as that of any deployment. */
async function announce(
  context: EngineContext,
  following: Following,
  { outcome, services, problem }: Extract<Ending, { kind: 'finished' }>,
): Promise<void> {
  const { record, source, log } = following;
  try {
    const scope = await presentScope(context, { source, plan: record.plan }, callSignal(following));
    if (scope === null) return;
    const { id: deployment, plan, request, actor, approvedBy, startedAt } = record;
    const finishedAt = context.clock.now().toISOString();
    const ended: Ended = {
      ...{ deployment, plan, scope, request, actor, approvedBy, startedAt, finishedAt },
      ...{ outcome, services, problem },
    };
    await context.announcer.announce(ended);
  } catch (error) {
    log.warn({ problem: toProblem(error) }, 'the end was not announced');
  }
}
