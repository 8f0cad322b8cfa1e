import { afterEach, expect, test } from 'vitest';
import { inventoryText } from '../../../lab/house/definitions.ts';
import { eventually } from '../../eventually.ts';
import { nobodyAsked } from '../engine-house.ts';
import { ask, go, jobs, openPipelineHouse, request, signal, until, type PipelineHouse } from './support.ts';

let house: PipelineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

test('a pipeline begun outside that only checks is no deployment, and none of it vouches for sentinel.yml', async () => {
  const h = (house = await openPipelineHouse({ route: 'engine', approvals: nobodyAsked }));
  const risks = async () => (await ask(h, request())).plan.risks.map(({ code }) => code);
  const deployment = await go(h, request());
  await h.engine.finished(deployment);
  expect(await risks()).not.toContain('inventory-changed');
  await h.define(h.image('web:2'));
  const changed = { 'sentinel.yml': `# other machines\n${inventoryText(h.world)}` };
  const commit = await h.services.commit(changed, 'chore: machines');
  const outside = async (more: typeof jobs): Promise<void> => {
    const pipeline = h.forge.add({ commit, status: 'success' }, more);
    await h.engine.lookForPipelines(signal());
    const made = await eventually(
      () => h.store.deployments.ofPipeline('homelab', pipeline),
      'the pipeline’s deployment',
      8_000,
    );
    expect((await h.engine.finished(made.id)).outcome).toBe('succeeded');
  };
  await outside([{ name: 'lint', stage: 'test', status: 'success' }]);
  expect(h.store.deployments.ofService('app', 5).map(({ id }) => id)).toEqual([deployment]);
  expect(await risks()).toContain('inventory-changed');
  const startedAt = new Date().toISOString();
  await outside([{ name: 'deploy_containers', stage: 'deploy', status: 'success', startedAt }]);
  expect(await risks()).toContain('inventory-changed');
});

test('secrets kept elsewhere are known before anything of a pipeline is told, also after a restart', async () => {
  const kept = { now: 'hunter-one' };
  const h = (house = await openPipelineHouse({
    readSecrets: () => Promise.resolve({ values: { WORD: kept.now }, unreadable: [], masked: ['WORD'] }),
  }));
  const commit = await h.services.head();
  const pipeline = h.forge.add({ commit }, [{ name: 'lint', stage: 'test' }, ...jobs]);
  h.forge.logs(pipeline, 'lint', 'login with hunter-one');
  h.forge.job(pipeline, 'lint', { status: 'failed', allowFailure: true });
  await h.engine.lookForPipelines(signal());
  const { id } = await eventually(() => h.store.deployments.recent(1)[0], 'the deployment', 8_000);
  await until(h, id, 'lint failed');
  await h.restart();
  kept.now = 'hunter-two';
  h.forge.logs(pipeline, 'plan_deployment', 'login with hunter-two');
  h.forge.job(pipeline, 'plan_deployment', { status: 'failed' });
  h.forge.set(pipeline, 'failed');
  h.engine.recover();
  await h.engine.finished(id);
  const story = JSON.stringify(h.store.journal.events(id));
  expect(story).toContain('login with [secret WORD]');
  expect(story).not.toContain('hunter');
});
