import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWebhook, type WebhookLab } from '../../../lab/sinks/index.ts';
import { eventually } from '../../eventually.ts';
import { openPipelineHouse, signal, type JobName, type PipelineHouse } from './support.ts';

let webhook: WebhookLab;
let house: PipelineHouse;
beforeAll(async () => {
  webhook = await startWebhook();
  house = await openPipelineHouse({
    inventory: 'systems:\n  webhook: { url: HOOK_URL }\n',
    secrets: { HOOK_URL: webhook.address },
  });
});
afterAll(async () => {
  await house.close();
  await webhook.close();
});

/** The deployment that is told of a pipeline with this job at its end. */
async function ended(job: JobName): Promise<string> {
  const commit = await house.services.commit({ 'README.md': `${job.name} ${job.status}` }, 'docs: a word');
  const deploy = { name: 'deploy_containers', status: 'success' } as const;
  const pipeline = house.forge.add({ commit, status: 'success' }, [deploy, job]);
  await house.engine.lookForPipelines(signal());
  const { id } = await eventually(
    () => house.store.deployments.ofPipeline('homelab', pipeline),
    'a deployment',
    8_000,
  );
  await house.engine.finished(id);
  return id;
}
const told = (): readonly unknown[] =>
  webhook.caught.map((each) => (each as { readonly deployment: string }).deployment);

test('who was told by a job of the pipeline is not told again, and who may not have been, is', async () => {
  await ended({ name: 'notify_success', status: 'success' });
  await ended({ name: 'tell', stage: 'notify', status: 'success' });
  const failed = await ended({ name: 'notify_success', status: 'failed', allowFailure: true });
  const skipped = await ended({ name: 'notify_failure', status: 'skipped' });
  const without = await ended({ name: 'verify_services', status: 'success' });
  await eventually(() => told().includes(without), 'the last one to be told', 8_000);
  await eventually(() => told().length >= 3, 'all three to be told', 8_000);
  expect(told().toSorted()).toEqual([failed, skipped, without].toSorted());
});
