import { afterEach, describe, expect, test } from 'vitest';
import { webService } from '../../../lab/house/definitions.ts';
import { ProblemError, type JobState } from '../../../engine/index.ts';
import { eventually } from '../../eventually.ts';
import { oneApproval } from '../engine-house.ts';
import { ana } from '../fixtures.ts';
import {
  finish,
  go,
  last,
  openPipelineHouse,
  pipelineOf,
  request,
  told,
  until,
  value,
  type PipelineHouse,
} from './support.ts';

let house: PipelineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
const open = async (options: Parameters<typeof openPipelineHouse>[0] = {}): Promise<PipelineHouse> =>
  (house = await openPipelineHouse(options));
const token = () =>
  Promise.resolve({ values: { TOKEN: 'hunter2hunter2' }, unreadable: [], masked: ['TOKEN'] });
const away = (): Promise<never> =>
  Promise.reject(new ProblemError({ code: 'forge-unreachable', message: '500' }));
const begun = async (h: PipelineHouse): Promise<readonly [string, number]> => {
  const deployment = await go(h, request({ version: '2' }));
  const pipeline = await pipelineOf(h, deployment);
  await until(h, deployment, 'verify_services waiting');
  return [deployment, pipeline];
};
const resultOf = (more: object): string =>
  JSON.stringify({
    ...{ command: 'deploy', outcome: 'succeeded', services: {}, problem: null },
    ...{ deployment: null, revision: null, environment: 'production' },
    ...more,
  });

describe('a pipeline that is green', () => {
  test('with its deploying job left for somebody to start deployed nothing', async () => {
    const h = await open();
    const [deployment, pipeline] = await begun(h);
    h.forge.job(pipeline, 'plan_deployment', { status: 'success' });
    h.forge.job(pipeline, 'deploy_containers', { status: 'manual', allowFailure: true });
    h.forge.job(pipeline, 'verify_services', { status: 'skipped' });
    h.forge.set(pipeline, 'success');
    expect((await h.engine.finished(deployment)).outcome).toBe('cancelled');
    expect(last(h, deployment, 'finished')).toMatchObject({
      services: { app: 'cancelled' },
      problem: {
        code: 'cancelled',
        message: expect.stringContaining('deploy_containers was not started') as string,
      },
    });
  });

  test('while a child of it goes on is followed, its manual job asked about, and its failure counts', async () => {
    const h = await open({ approvals: oneApproval, people: {} });
    const commit = await h.services.head();
    const child = { name: 'deploy_child', stage: 'deploy' };
    const pipeline = h.forge.add({ commit }, [{ name: 'trigger', status: 'success' }, child]);
    h.forge.set(pipeline, 'success');
    h.engine.pipelineNews({ project: 'homelab/services', pipeline });
    const record = await eventually(() => h.store.deployments.recent(1)[0], 'the deployment', 8_000);
    await until(h, record.id, 'deploy_child waiting');
    expect(h.engine.deployment(record.id)?.outcome).toBeNull();
    h.forge.job(pipeline, 'deploy_child', { status: 'manual' });
    await eventually(() => h.engine.pending()[0], 'a request about the job', 8_000);
    expect(h.engine.deployment(record.id)?.outcome).toBeNull();
    const startedAt = '2026-11-21T10:00:00.000Z';
    h.forge.job(pipeline, 'deploy_child', { status: 'failed', startedAt, failure: 'script_failure' });
    expect((await h.engine.finished(record.id)).outcome).toBe('failed');
    expect(last(h, record.id, 'finished').problem?.message).toContain('Job deploy_child');
    expect(h.engine.pending()).toEqual([]);
  });
});

describe('what jobs say of themselves', () => {
  test('counts for services of the fleet alone, and their words get one line without secrets', async () => {
    const h = await open({ readSecrets: token });
    const [host] = h.world.hosts;
    const other = { name: 'other', host: host!.name, image: h.image('web:1'), port: 18_099 };
    await h.services.commit({ 'services/media/other.yml': webService(other) }, 'feat: other');
    const [deployment, pipeline] = await begun(h);
    const message = `first\nsecond @everyone ${'x'.repeat(470)} hunter2hunter2 ${'y'.repeat(2_000)}`;
    const services = { app: 'failed', other: 'degraded', vault: 'succeeded' };
    const problem = { code: 'health-failed', message };
    h.forge.artifact(pipeline, 'deploy_containers', 'result.json', resultOf({ services, problem }));
    h.forge.job(pipeline, 'deploy_containers', { status: 'failed' });
    h.forge.set(pipeline, 'failed');
    await h.engine.finished(deployment);
    const ended = last(h, deployment, 'finished');
    expect(ended.services).toEqual({ app: 'failed', other: 'degraded' });
    expect(h.store.deployments.ofService('vault', 5)).toEqual([]);
    expect(ended.problem?.message).not.toContain('\n');
    expect(ended.problem?.message).not.toContain('hunt');
    expect(ended.problem?.message.length).toBeLessThan(600);
  });

  test('is shown from a long line without any part of a secret', async () => {
    const h = await open({ readSecrets: token });
    const [deployment, pipeline] = await begun(h);
    // The end that is shown begins in the middle of the value.
    h.forge.logs(pipeline, 'deploy_containers', `token=hunter2hunter2${'z'.repeat(3_993)}`);
    h.forge.job(pipeline, 'deploy_containers', { status: 'failed' });
    h.forge.set(pipeline, 'failed');
    await h.engine.finished(deployment);
    expect(JSON.stringify(h.store.journal.events(deployment))).not.toContain('hunt');
  });
});

describe('what cannot be read', () => {
  test('of a log holds up neither the story nor a stop', async () => {
    const h = await open();
    const [deployment, pipeline] = await begun(h);
    Object.assign(h.forge.pipelines, { log: away });
    const failed: Partial<JobState> = { status: 'failed', allowFailure: true };
    h.forge.job(pipeline, 'plan_deployment', failed);
    await until(h, deployment, 'plan_deployment failed');
    value(h.engine.abort(deployment, ana));
    expect((await h.engine.finished(deployment)).outcome).toBe('cancelled');
  });

  test('of a job’s files is done without in the end, and nobody calls that a success', async () => {
    const h = await open({ pace: { lookMs: 20, appearMs: 5_000 } });
    const [deployment, pipeline] = await begun(h);
    Object.assign(h.forge.pipelines, { artifact: away });
    finish(h, pipeline);
    expect((await h.engine.finished(deployment)).outcome).toBe('degraded');
    expect(told(h, deployment).filter((line) => line === 'finished')).toHaveLength(1);
  });
});
