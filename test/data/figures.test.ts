import { expect, test } from 'vitest';
import { readStatistics, totalOf, type Happening, type Outcome } from '../../engine/index.ts';
import { finishedOf, openFixture, startedOf } from './support/state.ts';

const now = new Date('2026-02-01T12:00:00.000Z');
const minutesAgo = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString();
const day = 24 * 60;

function openHistory() {
  const { store } = openFixture();
  let number = 0;
  const ended = (
    services: readonly string[],
    outcome: Outcome,
    minutes: number,
    more: Partial<Happening> = {},
  ) => {
    number += 1;
    const happenings = [startedOf(services), { ...finishedOf(outcome, services), ...more } as Happening];
    for (const [at, happening] of happenings.entries())
      store.journal.append({ deployment: `d${number}`, seq: at + 1, at: minutesAgo(minutes), ...happening });
  };
  const read = (service: string | null = null, environment = 'home') =>
    readStatistics(store, { environment, service, now });
  return { store, ended, read };
}

test('deployments are counted by day and outcome, within thirty days and one environment', () => {
  const { store, ended, read } = openHistory();
  ended(['web'], 'succeeded', 31 * day);
  ended(['web'], 'succeeded', 29.5 * day);
  ended(['web', 'db'], 'rolled-back', 1.5 * day);
  ended(['db'], 'succeeded', 60);
  ended(['db'], 'failed', 30);
  for (const [at, happening] of [startedOf(['web'], 'staging'), finishedOf('failed')].entries())
    store.journal.append({ deployment: 'other', seq: at + 1, at: minutesAgo(5), ...happening });
  store.journal.append({ deployment: 'running', seq: 1, at: minutesAgo(1), ...startedOf(['web']) });
  const all = read();
  expect(all.counts).toMatchObject({ succeeded: 2, 'rolled-back': 1, failed: 1, degraded: 0 });
  expect(all.days).toHaveLength(30);
  expect([all.days[0], all.days[28], all.days[29]].map((one) => totalOf(one!))).toEqual([1, 1, 2]);
  expect(totalOf(read('web').counts)).toBe(2);
  expect(read('db').counts).toMatchObject({ succeeded: 1, 'rolled-back': 1, failed: 1 });
  expect(read(null, 'staging').counts.failed).toBe(1);
  expect(totalOf(read('nothing').counts)).toBe(0);
});

test('time to recover goes from the first that did not go well to the next that did, service by service', () => {
  const { ended, read } = openHistory();
  expect(read().recovery).toBeNull();
  ended(['web'], 'failed', 100);
  ended(['web'], 'rolled-back', 95);
  ended(['db'], 'degraded', 94);
  ended(['web'], 'cancelled', 92);
  ended(['web'], 'succeeded', 90); // ten minutes
  ended(['db'], 'succeeded', 70); // 24 minutes
  ended(['db'], 'succeeded', 60);
  ended(['web'], 'needs-attention', 20);
  expect(read().recovery).toEqual({ times: 2, medianMs: 17 * 60_000 });
  expect(read('web').recovery).toEqual({ times: 1, medianMs: 10 * 60_000 });
  ended(['web'], 'succeeded', 18);
  expect(read().recovery).toEqual({ times: 3, medianMs: 10 * 60_000 });
});

test('a pipeline nobody asked for counts only where it deployed something', () => {
  const { store, read } = openHistory();
  const tell = (deployment: string, pipeline: number, services: readonly string[]): void => {
    const request = { kind: 'pipeline', repository: 'homelab', pipeline } as const;
    for (const [at, happening] of [
      { ...startedOf(['web']), request },
      finishedOf('succeeded', services),
    ].entries())
      store.journal.append({ deployment, seq: at + 1, at: minutesAgo(9), ...happening });
  };
  tell('d1', 1, []);
  expect(totalOf(read().counts)).toBe(0);
  tell('d2', 2, ['web']);
  expect(totalOf(read().counts)).toBe(1);
  expect(totalOf(read('web').counts)).toBe(1);
});
