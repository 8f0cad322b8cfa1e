import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openFixture } from './support/state.ts';

test('a message begins empty and keeps what it is not told to change', () => {
  const fixture = openFixture();
  const { messages } = fixture.store;
  expect(messages.get('deployment:d1')).toBeUndefined();
  expect(messages.put('deployment:d1', { channelId: '5' })).toEqual({
    key: 'deployment:d1',
    channelId: '5',
    messageId: null,
    threadId: null,
    deliveredSeq: 0,
    final: false,
  });
  messages.put('deployment:d1', { messageId: '6', threadId: '7' });
  messages.put('deployment:d1', { deliveredSeq: 12 });
  expect(fixture.reopen().messages.get('deployment:d1')).toEqual({
    key: 'deployment:d1',
    channelId: '5',
    messageId: '6',
    threadId: '7',
    deliveredSeq: 12,
    final: false,
  });
});

test('unfinished messages are those with more to tell, oldest first', () => {
  const { store } = openFixture();
  for (const key of ['c', 'a', 'b']) store.messages.put(key, {});
  store.messages.put('a', { final: true });
  store.messages.put('c', { deliveredSeq: 1 });
  expect(store.messages.unfinished().map(({ key }) => key)).toEqual(['c', 'b']);
});

test('an interaction is claimed once, also across a restart', () => {
  const fixture = openFixture();
  expect(fixture.store.claimInteraction('i1')).toBe(true);
  expect(fixture.store.claimInteraction('i1')).toBe(false);
  expect(fixture.store.claimInteraction('i2')).toBe(true);
  expect(fixture.reopen().claimInteraction('i1')).toBe(false);
});

test('interactions are forgotten after a day', () => {
  const { store, clock, file } = openFixture();
  store.claimInteraction('old');
  clock.advance(23 * 3600);
  store.claimInteraction('new');
  clock.advance(2 * 3600);
  store.claimInteraction('now');
  const raw = new Database(file, { readonly: true });
  const left = raw.prepare('SELECT id FROM interactions ORDER BY id').pluck().all();
  raw.close();
  expect(left).toEqual(['new', 'now']);
});

test('a remembered value is the last one set', () => {
  const fixture = openFixture();
  expect(fixture.store.getMeta('commands')).toBeUndefined();
  fixture.store.setMeta('commands', 'one');
  fixture.store.setMeta('commands', 'two');
  expect(fixture.reopen().getMeta('commands')).toBe('two');
});
