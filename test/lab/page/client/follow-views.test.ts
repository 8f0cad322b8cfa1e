import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  followViews,
  type Connection,
  type Listener,
  type Told,
} from '../../../../lab/page/client/follow-views.ts';
import type { PageView } from '../../../../lab/page/view.ts';

interface Stream {
  readonly as: string | null;
  readonly told: Told;
  open: boolean;
}

let streams: Stream[];
const openNow = (): readonly (string | null)[] => streams.filter(({ open }) => open).map(({ as }) => as);
const openStream = (as: string | null, told: Told): Connection => {
  const stream: Stream = { as, told, open: true };
  streams.push(stream);
  return { close: () => void (stream.open = false) };
};
const viewAs = (me: string): PageView =>
  ({ me, people: [{ id: 'ana-1', name: 'ana', part: 'deployer', may: '' }] }) as unknown as PageView;

beforeEach(() => {
  streams = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tries again after a break, by the name of who looks, as a lab that was restarted knows no id of before', () => {
  const views: string[] = [];
  let lost = 0;
  const listener: Listener = { view: ({ me }) => void views.push(me), lost: () => (lost += 1) };
  const connection = followViews('ana-1', listener, openStream);
  streams[0]!.told.view(viewAs('ana-1'));
  streams[0]!.told.broken();
  expect([openNow(), lost]).toEqual([[], 1]);
  vi.advanceTimersByTime(2000);
  expect(openNow()).toEqual(['ana']);
  streams[1]!.told.broken();
  vi.advanceTimersByTime(2000);
  streams[2]!.told.view(viewAs('ana-1'));
  expect([openNow(), views, lost]).toEqual([['ana'], ['ana-1', 'ana-1'], 2]);
  connection.close();
  expect(openNow()).toEqual([]);
});

it('is over once it is closed, also by whom it tells of the break', () => {
  let lost = 0;
  let connection = followViews('gone', { view: () => undefined, lost: replace }, openStream);
  function replace(): void {
    lost += 1;
    connection.close();
    connection = followViews(null, { view: () => undefined, lost: replace }, openStream);
  }
  streams[0]!.told.broken();
  vi.advanceTimersByTime(10_000);
  expect([openNow(), streams.length, lost]).toEqual([[null], 2, 1]);
  streams[0]!.told.broken();
  vi.advanceTimersByTime(10_000);
  expect([openNow(), lost]).toEqual([[null], 1]);
});
