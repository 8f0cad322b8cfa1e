import { expect, test } from 'vitest';
import { openFixture } from './support/state.ts';

test('a post is claimed once, also across a restart, and not mixed up with an interaction', () => {
  const fixture = openFixture();
  expect(fixture.store.claimHook('a')).toBe(true);
  expect(fixture.store.claimHook('a')).toBe(false);
  expect(fixture.store.claimInteraction('a')).toBe(true);
  expect(fixture.reopen().claimHook('a')).toBe(false);
});

test('posts are forgotten after a week', () => {
  const { store, clock } = openFixture();
  store.claimHook('old');
  clock.advance(6 * 24 * 3600);
  expect(store.claimHook('old')).toBe(false);
  clock.advance(2 * 24 * 3600);
  expect(store.claimHook('old')).toBe(true);
});
