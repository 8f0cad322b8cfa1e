import { afterEach, expect, test } from 'vitest';
import { inventoryText } from '../../../lab/house/definitions.ts';
import { app, nobodyAsked } from '../engine-house.ts';
import { ask, go, jobs, openPipelineHouse, request, signal, type PipelineHouse } from './support.ts';

let house: PipelineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
const open = async (options: Parameters<typeof openPipelineHouse>[0] = {}): Promise<PipelineHouse> =>
  (house = await openPipelineHouse({ approvals: nobodyAsked, ...options }));
const risks = async (h: PipelineHouse): Promise<readonly string[]> =>
  (await ask(h, request())).plan.risks.map(({ code }) => code);

/** A pipeline nobody asked for here, told to its end. */
async function push(h: PipelineHouse, commit: string, ran: typeof jobs): Promise<void> {
  const pipeline = h.forge.add({ commit }, ran);
  for (const { name } of ran)
    h.forge.job(pipeline, name, { status: 'success', startedAt: '2026-11-21T10:00:00.000Z' });
  h.forge.set(pipeline, 'success');
  await h.engine.lookForPipelines(signal());
  const [record] = h.store.deployments.recent(1);
  expect(await h.engine.finished(record!.id)).toMatchObject({
    request: { kind: 'pipeline', pipeline },
    outcome: 'succeeded',
  });
}

test('a pipeline that only checks is no deployment of a service, and one nobody agreed to says nothing about sentinel.yml', async () => {
  const h = await open({ route: 'engine' });
  const first = await go(h, request());
  await h.engine.finished(first);
  const changed = { 'sentinel.yml': `# others\n${inventoryText(h.world)}` };
  await h.define(h.image('web:2'));
  const commit = await h.services.commit(changed, 'chore: machines');
  expect(await risks(h)).toContain('inventory-changed');
  await push(h, commit, [{ name: 'lint', stage: 'test' }]);
  expect(await risks(h)).toContain('inventory-changed');
  const ofApp = () => h.store.deployments.ofService(app.name, 9).map(({ request: { kind } }) => kind);
  expect(ofApp()).toEqual(['deploy']);
  await push(h, commit, jobs);
  expect(ofApp()).toEqual(['pipeline', 'deploy']);
  expect(await risks(h)).toContain('inventory-changed');
});
