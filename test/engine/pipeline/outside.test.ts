import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { app, oneApproval } from '../engine-house.ts';
import { ana, ben } from '../fixtures.ts';
import {
  finish,
  go,
  jobs,
  last,
  openPipelineHouse,
  pipelineOf,
  request,
  signal,
  toGate,
  told,
  until,
  value,
  ask,
  type PipelineHouse,
} from './support.ts';

let house: PipelineHouse | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});
const open = async (options: Parameters<typeof openPipelineHouse>[0] = {}): Promise<PipelineHouse> =>
  (house = await openPipelineHouse({ people: { olivia: ben.id }, ...options }));
const newest = (h: PipelineHouse) => h.store.deployments.recent(1)[0];

describe('a pipeline nobody asked for here', () => {
  test('is told once, for the services its commit touched, in the name of who pushed', async () => {
    const h = await open();
    const first = await go(h, request({ version: '2' }));
    finish(h, await pipelineOf(h, first));
    await h.engine.finished(first);
    const commit = await h.define(h.image('web:1'));
    const pipeline = h.forge.add({ commit }, jobs);
    await Promise.all([h.engine.lookForPipelines(signal()), h.engine.lookForPipelines(signal())]);
    h.engine.pipelineNews({ project: 'homelab/services', pipeline });
    const deployment = newest(h)!.id;
    expect(newest(h)).toMatchObject({
      request: { kind: 'pipeline', repository: 'homelab', pipeline },
      actor: { id: ben.id, name: 'Olivia' },
      plan: { revision: commit, steps: [], services: [{ name: app.name, action: 'modify' }] },
    });
    finish(h, pipeline);
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
    await h.engine.lookForPipelines(signal());
    await h.restart();
    await h.engine.lookForPipelines(signal());
    h.engine.pipelineNews({ project: 'homelab/services', pipeline });
    expect(h.store.deployments.recent(9).map(({ id }) => id)).toEqual([deployment, first]);
  });

  test('is found by its news alone', async () => {
    const h = await open();
    const pipeline = h.forge.add(
      { commit: await h.services.head(), by: { login: 'kim', name: 'Kim' } },
      jobs,
    );
    h.engine.pipelineNews({ project: 'homelab/services', pipeline });
    await eventually(() => newest(h), 'the deployment', 8_000);
    expect(newest(h)?.actor).toEqual({ id: 'gitlab:kim', name: 'Kim', roles: [] });
  });

  test('is found by the number its project has in news, and a storm of them makes few questions', async () => {
    const h = await open({ people: { OLIVIA: ben.id } });
    const commit = await h.services.head();
    const feature = h.forge.add({ commit, branch: 'feature' }, jobs);
    await h.engine.lookForPipelines(signal());
    const before = h.forge.asked();
    for (let post = 0; post < 50; post += 1) {
      h.engine.pipelineNews({ project: '77', pipeline: feature });
      h.engine.pipelineNews({ project: '78', pipeline: 999 });
    }
    // As a server in another time zone writes it.
    const createdAt = new Date(Date.now() + 3_600_000).toISOString().replace('Z', '+01:00');
    const pipeline = h.forge.add({ commit, createdAt }, jobs);
    h.engine.pipelineNews({ project: '77', pipeline });
    await eventually(() => newest(h), 'the deployment', 15_000);
    expect(newest(h)).toMatchObject({ actor: { id: ben.id }, request: { pipeline } });
    expect(h.forge.asked() - before).toBeLessThan(10);
  });

  test('is not told for other branches, merge requests, children, or commits that skip CI', async () => {
    const h = await open();
    const commit = await h.services.head();
    h.forge.add({ commit, branch: 'feature' });
    h.forge.add({ commit, source: 'merge_request_event' });
    h.forge.add({ commit, source: 'parent_pipeline' });
    h.forge.add({ commit, status: 'skipped' });
    await h.engine.lookForPipelines(signal());
    expect(h.store.deployments.recent(5)).toEqual([]);
  });

  test('from before we began to look is told only while it goes on, and only the newest', async () => {
    const h = await open();
    const commit = await h.services.head();
    const createdAt = new Date(Date.now() - 600_000).toISOString();
    h.forge.add({ commit, createdAt, status: 'manual' });
    const running = h.forge.add({ commit, createdAt });
    await h.engine.lookForPipelines(signal());
    expect(h.store.deployments.recent(5).map(({ request: { kind }, request: made }) => [kind, made])).toEqual(
      [['pipeline', expect.objectContaining({ pipeline: running })]],
    );
  });
});

describe('a restart', () => {
  test('in the middle of a pipeline goes on with it and tells what was missed', async () => {
    const h = await open();
    const deployment = await go(h, request({ version: '2' }));
    const pipeline = await pipelineOf(h, deployment);
    await until(h, deployment, 'verify_services waiting');
    await h.restart();
    expect(h.engine.deployment(deployment)?.outcome).toBeNull();
    finish(h, pipeline);
    expect(h.engine.recover()).toEqual([]);
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
    expect(told(h, deployment).filter((line) => line === 'pipeline running')).toHaveLength(1);
    expect(told(h, deployment)).not.toContain('interrupted');
    expect(h.store.locks.all()).toEqual([]);
  });

  test('while a manual job waits asks nobody twice, and the request still stands', async () => {
    const h = await open({ approvals: oneApproval });
    const commit = await h.services.head();
    const { plan } = await ask(h, request());
    const pipeline = h.forge.add({ commit }, jobs);
    toGate(h, pipeline, plan);
    await h.engine.lookForPipelines(signal());
    const gate = await eventually(() => h.engine.pending()[0], 'a gate', 8_000);
    await h.restart();
    h.engine.recover();
    const deployment = newest(h)!.id;
    await eventually(() => h.forge.asked(), 'a look', 8_000);
    expect(h.engine.pending().map(({ id }) => id)).toEqual([gate.id]);
    const cleo = { ...ben, id: 'discord:3', name: 'cleo' };
    expect(
      value(await h.engine.vote(gate.id, cleo, { verdict: 'approve', reason: null }, signal())).kind,
    ).toBe('started');
    expect(told(h, deployment).filter((line) => line === 'gate')).toHaveLength(1);
  });

  test('after the commit left and before that was recorded finds it in Git, and publishes nothing twice', async () => {
    let published = 0;
    let left = false;
    const h = await open({
      aroundGit: (git) => ({
        ...git,
        publish: async (publication, until) => {
          published += 1;
          const done = await git.publish(publication, until);
          left = true;
          await new Promise((_, reject) =>
            until.addEventListener('abort', () => reject(new Error('cut off'))),
          );
          return done;
        },
      }),
    });
    const deployment = await go(h, request({ version: '2' }));
    await eventually(() => left, 'the push', 8_000);
    await h.restart();
    expect(h.engine.recover()).toEqual([]);
    const pipeline = await pipelineOf(h, deployment);
    finish(h, pipeline);
    expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
    expect(published).toBe(1);
  });

  test('before anything was published leaves it to a person', async () => {
    const h = await open({
      aroundGit: (git) => ({
        ...git,
        publish: (_publication, until) =>
          new Promise((_, reject) => until.addEventListener('abort', () => reject(new Error('cut off')))),
      }),
    });
    const deployment = await go(h, request({ version: '2' }));
    await until(h, deployment, 'pushing');
    await h.restart();
    h.engine.recover();
    expect((await h.engine.finished(deployment)).outcome).toBe('interrupted');
    expect(await h.services.read(app.file)).toContain('web:1');
    expect(h.store.locks.all()).toEqual([]);
  });
});

test('the pipeline of our own commit is never taken for somebody else’s, however early its news come', async () => {
  let arrived: () => void = () => undefined;
  const answer = new Promise<void>((resolve) => (arrived = resolve));
  const h = await open({
    aroundGit: (git) => ({
      ...git,
      publish: async (publication, until) => {
        const done = await git.publish(publication, until);
        await answer;
        return done;
      },
    }),
  });
  const deployment = await go(h, request({ version: '2' }));
  await eventually(async () => (await h.services.read(app.file))?.includes('web:2'), 'the push', 8_000);
  h.engine.pipelineNews({ project: 'homelab/services', pipeline: 101 });
  await h.engine.lookForPipelines(signal());
  arrived();
  finish(h, await pipelineOf(h, deployment));
  expect((await h.engine.finished(deployment)).outcome).toBe('succeeded');
  await h.engine.lookForPipelines(signal());
  expect(h.store.deployments.recent(5).map(({ id, actor }) => [id, actor.id])).toEqual([
    [deployment, ana.id],
  ]);
  expect(last(h, deployment, 'git').action).toBe('pushed');
});
