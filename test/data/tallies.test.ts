import { expect, test } from 'vitest';
import { finishedOf, openFixture, startedOf, tell } from './support/state.ts';

test('deployments are counted by environment and outcome, without those that wait for a person', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web']), finishedOf('succeeded')]);
  tell(store, 'd2', [startedOf(['web']), finishedOf('succeeded')]);
  tell(store, 'd3', [startedOf(['web'], 'staging'), finishedOf('failed')]);
  tell(store, 'd4', [startedOf(['web'])]);
  tell(store, 'd5', [startedOf(['db']), { type: 'interrupted' }]);
  expect(store.tallies.ended()).toEqual([
    { environment: 'home', outcome: 'succeeded', count: 2 },
    { environment: 'staging', outcome: 'failed', count: 1 },
  ]);
});

test('the newest deployment of each service that ended is told, in each environment', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web', 'db']), finishedOf('succeeded', ['web', 'db'])]);
  tell(store, 'd2', [startedOf(['web']), finishedOf('rolled-back')]);
  tell(store, 'd3', [startedOf(['web'], 'staging'), finishedOf('succeeded')]);
  tell(store, 'd4', [startedOf(['web'])]);
  const newest = store.tallies
    .newest()
    .map(({ environment, service, outcome }) => [...[environment, service, outcome]]);
  expect(newest.toSorted()).toEqual([
    ['home', 'db', 'succeeded'],
    ['home', 'web', 'rolled-back'],
    ['staging', 'web', 'succeeded'],
  ]);
});

test('a service a deployment never came to keeps what its own last one was', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web', 'db']), finishedOf('succeeded', ['web', 'db'])]);
  tell(store, 'd2', [startedOf(['web', 'db']), finishedOf('failed', ['web'])]);
  const newest = store.tallies.newest().map(({ service, outcome }) => `${service} ${outcome}`);
  expect(newest.toSorted()).toEqual(['db succeeded', 'web failed']);
});

test('the audit trail is counted by its rows', () => {
  const { store } = openFixture();
  const before = store.tallies.auditRows();
  tell(store, 'd1', [startedOf(['web'])]);
  expect(store.tallies.auditRows()).toBeGreaterThan(before);
});
