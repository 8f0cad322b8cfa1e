import type { EngineContext } from './context.ts';
import { resume } from './pipeline/resume.ts';
import { createStory } from './story.ts';
import type { DeploymentRecord } from './types.ts';

/**
 * Marks deployments that started and never finished as interrupted and frees their locks. Starts nothing by itself;
 * where a pipeline does the work, which went on without us, it is followed again.
 */
export function recover(context: EngineContext): readonly DeploymentRecord[] {
  const { store, clock, emit, running } = context;
  return store.deployments
    .unfinished()
    .filter(({ id, outcome }) => outcome === null && !running.has(id))
    .filter((record) => !resume(context, record))
    .map((record) => {
      const last = store.journal.events(record.id).at(-1)?.seq ?? 0;
      const story = createStory({
        deployment: record.id,
        firstSeq: last + 1,
        now: () => clock.now(),
        emit,
        onBroken: () => undefined,
      });
      story.tell({ type: 'interrupted' });
      store.locks.release(record.id);
      if (record.proposal !== null) store.proposals.move(record.proposal, ['running'], 'done');
      return store.deployments.get(record.id) ?? record;
    });
}
