import { expect, test } from 'vitest';
import type { LockHolder } from '../../engine/index.ts';
import { startWriter } from './support/child.ts';
import { openFixture } from './support/state.ts';

const holder = (id: string): LockHolder => ({ id, who: 'Ada', reason: `deploys ${id}` });

test('a lock that is taken names who holds it, why and since when', () => {
  const { store, clock } = openFixture();
  const since = clock.now().toISOString();
  expect(store.locks.acquire(['web'], holder('d1'), 60)).toEqual({ held: true });
  clock.advance(30);
  expect(store.locks.acquire(['web'], holder('d2'), 60)).toEqual({
    held: false,
    key: 'web',
    by: { id: 'd1', who: 'Ada', reason: 'deploys d1', since },
  });
});

test('when one of several is taken, none is', () => {
  const { store } = openFixture();
  store.locks.acquire(['db'], holder('d1'), 60);
  expect(store.locks.acquire(['web', 'db', 'cache'], holder('d2'), 60)).toMatchObject({
    held: false,
    key: 'db',
  });
  expect(store.locks.all().map(({ key, id }) => [key, id])).toEqual([['db', 'd1']]);
});

test('a released lock is free, and only what the holder held is released', () => {
  const { store } = openFixture();
  store.locks.acquire(['web', 'db'], holder('d1'), 60);
  store.locks.acquire(['cache'], holder('d2'), 60);
  store.locks.release('d1');
  expect(store.locks.all().map(({ key }) => key)).toEqual(['cache']);
  expect(store.locks.acquire(['web'], holder('d2'), 60)).toEqual({ held: true });
});

test('a heartbeat keeps a lock beyond its time', () => {
  const { store, clock } = openFixture();
  store.locks.acquire(['web'], holder('d1'), 60);
  clock.advance(50);
  store.locks.beat('d1');
  clock.advance(50);
  expect(store.locks.acquire(['web'], holder('d2'), 60).held).toBe(false);
});

test('a lock whose heartbeat stopped is taken over, and the late heartbeat of its old holder changes nothing', () => {
  const { store, clock } = openFixture();
  store.locks.acquire(['web'], holder('d1'), 60);
  clock.advance(61);
  expect(store.locks.acquire(['web'], holder('d2'), 60)).toEqual({ held: true });
  const taken = store.locks.all();
  clock.advance(1);
  store.locks.beat('d1');
  store.locks.release('d1');
  expect(store.locks.all()).toEqual(taken);
  expect(taken).toMatchObject([{ key: 'web', id: 'd2', since: taken[0]?.beatAt }]);
});

test('a holder that asks again keeps its lock and its beginning, and can add to it', () => {
  const { store, clock } = openFixture();
  store.locks.acquire(['web'], holder('d1'), 60);
  const since = clock.now().toISOString();
  clock.advance(10);
  expect(store.locks.acquire(['web', 'db'], holder('d1'), 60)).toEqual({ held: true });
  expect(store.locks.all()).toMatchObject([
    { key: 'web', since, beatAt: clock.now().toISOString() },
    { key: 'db', since: clock.now().toISOString() },
  ]);
});

test('locks survive a restart', () => {
  const fixture = openFixture();
  fixture.store.locks.acquire(['web'], holder('d1'), 60);
  expect(fixture.reopen().locks.acquire(['web'], holder('d2'), 60).held).toBe(false);
});

test('of processes that ask for overlapping locks at once, one gets all of its own', async () => {
  const { store, file } = openFixture();
  const asked = { d1: ['web', 'db'], d2: ['db', 'cache'], d3: ['cache', 'db', 'web'] };
  const children = Object.entries(asked).map(([name, keys]) => ({
    name,
    keys,
    writer: startWriter(['acquire', file, name, ...keys]),
  }));
  await Promise.all(children.map(({ writer }) => writer.printed('open')));
  for (const { writer } of children) writer.say('go');
  const said = await Promise.all(
    children.map(async ({ name, keys, writer }) => ({ name, keys, last: (await writer.ended).lines.at(-1) })),
  );
  const winners = said.filter(({ last }) => last === 'true');
  expect(winners).toHaveLength(1); // every two of them share "db"
  expect(store.locks.all().map(({ key, id }) => ({ key, id }))).toEqual(
    winners[0]!.keys.toSorted().map((key) => ({ key, id: winners[0]!.name })),
  );
});
