import { expect, test } from 'vitest';
import { ada, finishedOf, openFixture, planOf, startedOf, tell } from './support/state.ts';
import type { OpenStore } from '../../data/index.ts';

const ids = (records: readonly { readonly id: string }[]): readonly string[] => records.map(({ id }) => id);
const attention = ({ deployments }: OpenStore): readonly string[] => ids(deployments.unfinished());

test('a deployment is what its events say', () => {
  const fixture = openFixture();
  tell(fixture.store, 'd1', [startedOf(['web'])]);
  expect(fixture.store.deployments.get('d1')).toEqual({
    id: 'd1',
    proposal: null,
    plan: planOf(['web']),
    request: { kind: 'deploy', service: 'web' },
    actor: ada,
    approvedBy: ['discord:2'],
    startedAt: '2026-01-02T03:05:01.000Z',
    finishedAt: null,
    outcome: null,
  });
  tell(fixture.store, 'd1', [finishedOf('degraded')], 2);
  expect(fixture.reopen().deployments.get('d1')).toMatchObject({
    outcome: 'degraded',
    finishedAt: '2026-01-02T03:05:02.000Z',
  });
  expect(fixture.store.deployments.get('d2')).toBeUndefined();
});

test('recent deployments come newest first, and those of a service leave out the others', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web'])]);
  tell(store, 'd2', [startedOf(['db'])]);
  tell(store, 'd3', [startedOf(['web', 'db'])]);
  expect(ids(store.deployments.recent(2))).toEqual(['d3', 'd2']);
  expect(ids(store.deployments.ofService('web', 5))).toEqual(['d3', 'd1']);
  expect(ids(store.deployments.ofService('db', 1))).toEqual(['d3']);
  expect(ids(store.deployments.ofService('cache', 5))).toEqual([]);
});

test('the last that succeeded is found by repository and environment, whatever came after it', () => {
  const { store } = openFixture();
  const last = (repository = 'homelab', environment = 'home') =>
    store.deployments.lastGood(repository, environment)?.id;
  expect(last()).toBeUndefined();
  tell(store, 'd1', [startedOf(['web']), finishedOf('succeeded')]);
  tell(store, 'd2', [startedOf(['web']), finishedOf('degraded')]);
  tell(store, 'd3', [startedOf(['web']), finishedOf('rolled-back')]);
  tell(store, 'd4', [startedOf(['web'], 'staging'), finishedOf('succeeded')]);
  const started = startedOf(['web']);
  const elsewhere = { ...started, plan: { ...started.plan, repository: 'other' } };
  tell(store, 'd5', [elsewhere, finishedOf('succeeded')]);
  tell(store, 'd6', [startedOf(['web'])]);
  expect(last()).toBe('d2');
  expect(last('homelab', 'staging')).toBe('d4');
  expect(last('other')).toBe('d5');
  expect(last('other', 'staging')).toBeUndefined();
});

test('a pipeline nobody asked for counts where it deployed something, and before what was agreed to only at first', () => {
  const { store } = openFixture();
  const byItself = (pipeline: number) => ({
    ...startedOf(['web']),
    request: { kind: 'pipeline', repository: 'homelab', pipeline } as const,
  });
  const checked = { ...finishedOf('succeeded'), services: {} };
  const last = () => store.deployments.lastGood('homelab', 'home')?.id;
  tell(store, 'd1', [byItself(1), checked]);
  expect(last()).toBeUndefined();
  tell(store, 'd2', [byItself(2), finishedOf('succeeded')]);
  tell(store, 'd3', [byItself(3), finishedOf('succeeded')]);
  expect(last()).toBe('d2');
  tell(store, 'd4', [startedOf(['web']), finishedOf('succeeded')]);
  tell(store, 'd5', [byItself(5), finishedOf('succeeded')]);
  tell(store, 'd6', [byItself(6), checked]);
  tell(store, 'd7', [byItself(7)]);
  expect(last()).toBe('d4');
  expect(ids(store.deployments.ofService('web', 9))).toEqual(['d7', 'd5', 'd4', 'd3', 'd2']);
});

test('a service the plan only looked at has no part in the history', () => {
  const { store } = openFixture();
  const plan = planOf(['web', 'db']);
  const quietDb = {
    ...plan,
    services: plan.services.map((one) => (one.name === 'db' ? { ...one, action: 'none' as const } : one)),
    steps: plan.steps.filter(({ service }) => service === 'web'),
  };
  const started = startedOf(['web']);
  tell(store, 'd1', [{ ...started, plan: quietDb }]);
  expect(ids(store.deployments.ofService('web', 5))).toEqual(['d1']);
  expect(ids(store.deployments.ofService('db', 5))).toEqual([]);
});

test('what started and did not finish is listed, oldest first, until it finishes', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web'])]);
  tell(store, 'd2', [startedOf(['db'])]);
  expect(attention(store)).toEqual(['d1', 'd2']);
  tell(store, 'd1', [finishedOf('failed')], 2);
  expect(attention(store)).toEqual(['d2']);
});

test('an interrupted deployment stays listed until each of its services was deployed well', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web', 'db']), { type: 'interrupted' }]);
  expect(store.deployments.get('d1')).toMatchObject({ outcome: 'interrupted', finishedAt: null });

  tell(store, 'd2', [startedOf(['web']), finishedOf('rolled-back', ['web'])]);
  tell(store, 'd3', [startedOf(['web', 'db'], 'elsewhere'), finishedOf('succeeded', ['web', 'db'])]);
  tell(store, 'd4', [startedOf(['web']), finishedOf('succeeded', ['web'])]);
  expect(attention(store)).toEqual(['d1']);

  tell(store, 'd5', [startedOf(['db']), finishedOf('degraded', ['db'])]);
  expect(attention(store)).toEqual([]);
});

test('a good deployment from before the interruption does not excuse it', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web']), finishedOf('succeeded')]);
  tell(store, 'd2', [startedOf(['web']), { type: 'interrupted' }]);
  expect(attention(store)).toEqual(['d2']);
});

test('an interrupted deployment may be given its end afterwards, but no further steps', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web']), { type: 'interrupted' }]);
  expect(() =>
    tell(store, 'd1', [{ type: 'step-started', step: '1 deploy web', phase: 'forward' }], 3),
  ).toThrow('comes after its end (interrupted)');
  tell(store, 'd1', [finishedOf('needs-attention')], 3);
  expect(store.deployments.get('d1')?.outcome).toBe('needs-attention');
  expect(attention(store)).toEqual([]);
});

test('a pipeline has one deployment, also after a restart, and a second one is refused', () => {
  const fixture = openFixture();
  const request = { kind: 'pipeline', repository: 'homelab', pipeline: 7 } as const;
  tell(fixture.store, 'd1', [{ ...startedOf(['web']), request }]);
  expect(() => tell(fixture.store, 'd2', [{ ...startedOf(['web']), request }])).toThrow();
  const { deployments } = fixture.reopen();
  expect(deployments.ofPipeline('homelab', 7)?.id).toBe('d1');
  expect(deployments.ofPipeline('homelab', 8)).toBeUndefined();
  expect(deployments.get('d2')).toBeUndefined();
});

test('a plan from a file is read like a stored one, or not at all', () => {
  const { proposals } = openFixture().store;
  const plan = planOf(['web']);
  expect(proposals.readPlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  expect(proposals.readPlan({ ...plan, steps: [{ id: '1', stage: 'shell' }] })).toBeNull();
  expect(proposals.readPlan('plan')).toBeNull();
});
