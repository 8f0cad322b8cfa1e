import { describe, expect, test } from 'vitest';
import type { Happening, Phase, StepOf } from '../../engine/index.ts';
import { reverse } from '../../engine/swap.ts';
import { finishedOf, openFixture, planOf, startedOf, tell } from './support/state.ts';

const problem = { code: 'system-unreachable' as const, message: 'Pi-hole did not answer.' };

function record(name: string, address: string): NonNullable<StepOf<'dns'>['after']> {
  return { name, addresses: [address], entries: [`${address} ${name}`] };
}
function dnsStep(id: string, name: string, change: Pick<StepOf<'dns'>, 'before' | 'after'>): StepOf<'dns'> {
  return {
    ...{ id, stage: 'dns', service: 'web', system: 'Pi-hole', target: name, cause: 'no record', changes: [] },
    ...change,
  };
}
const started = (steps: readonly StepOf<'dns'>[]): Happening => ({
  ...startedOf(['web']),
  plan: { ...planOf(['web'], 'production'), steps },
});
const done = (step: string, phase: Phase = 'forward'): readonly Happening[] => [
  { type: 'step-started', step, phase },
  { type: 'step-done', step, phase, did: [] },
];
const failed = (step: string, touched = true): readonly Happening[] => [
  { type: 'step-started', step, phase: 'forward' },
  { type: 'step-failed', step, phase: 'forward', problem, touched },
];
const add = dnsStep('1 dns web', 'web.lan', { before: null, after: record('web.lan', '10.0.0.2') });
const move = dnsStep('1 dns web', 'web.lan', { before: add.after, after: record('web.lan', '10.0.0.3') });
const drop = dnsStep('1 dns web', 'web.lan', { before: move.after, after: null });

/** The addresses held for a service after these deployments, also after a restart. */
function heldAfter(...deployments: readonly (readonly Happening[])[]): readonly string[] {
  const fixture = openFixture();
  deployments.forEach((happenings, index) => tell(fixture.store, `d${index}`, happenings));
  return fixture
    .reopen()
    .holdings.of('web', 'production')
    .flatMap(({ after }) => (after !== null && 'entries' in after ? after.entries : []));
}

describe('what deployments left on the systems around a service', () => {
  test('is what the last of them made true', () => {
    const first = [started([add]), ...done(add.id), finishedOf('succeeded')];
    const second = [started([move]), ...done(move.id), finishedOf('succeeded')];
    expect(heldAfter(first)).toEqual(['10.0.0.2 web.lan']);
    expect(heldAfter(first, second)).toEqual(['10.0.0.3 web.lan']);
  });

  test('is nothing once it was taken away', () => {
    expect(
      heldAfter(
        [started([add]), ...done(add.id), finishedOf('succeeded')],
        [started([drop]), ...done(drop.id), finishedOf('succeeded')],
      ),
    ).toEqual([]);
  });

  test('counts what may be half there, and keeps what may be half gone', () => {
    const first = [started([add]), ...failed(add.id), finishedOf('degraded')];
    expect(heldAfter(first)).toEqual(['10.0.0.2 web.lan']);
    expect(heldAfter(first, [started([drop]), ...failed(drop.id), finishedOf('degraded')])).toEqual([
      '10.0.0.2 web.lan',
    ]);
  });

  test('never counts what failed before it touched anything', () => {
    expect(heldAfter([started([add]), ...failed(add.id, false), finishedOf('degraded')])).toEqual([]);
  });

  test('stays what was proven last when a change of it fails, which leaves it as it was', () => {
    const first = [started([add]), ...done(add.id), finishedOf('succeeded')];
    expect(heldAfter(first, [started([move]), ...failed(move.id), finishedOf('degraded')])).toEqual([
      '10.0.0.2 web.lan',
    ]);
  });

  test('goes back with a deployment that is undone', () => {
    const first = [started([add]), ...done(add.id), finishedOf('succeeded')];
    const [back] = reverse([move]);
    if (back === undefined) throw new Error('nothing to undo');
    const undone: readonly Happening[] = [
      started([move]),
      ...done(move.id),
      { type: 'unwinding', service: 'web', steps: [back], because: problem },
      ...done(back.id, 'unwind'),
      finishedOf('rolled-back'),
    ];
    expect(heldAfter(first, undone)).toEqual(['10.0.0.2 web.lan']);
  });

  test('was never there when its step never began', () => {
    expect(heldAfter([started([add]), finishedOf('failed')])).toEqual([]);
  });

  test('is added to what a host keeps, as far as it was done after that was written', () => {
    const { store } = openFixture();
    const name = dnsStep('1 dns app', 'app.lan', { before: null, after: record('app.lan', '10.0.0.9') });
    const held = (deployment: string, at: string): readonly string[] =>
      store.holdings
        .since({ version: '1', service: 'web', environment: 'production', deployment, at, owned: [name] })
        .map(({ target }) => target);
    tell(store, 'd1', [started([add]), ...done(add.id), finishedOf('succeeded')]);
    // Whoever wrote it in between knew what was there; and so did the deployment it is of, whatever the clock says.
    expect(held('of the command line', '2999-01-01T00:00:00.000Z')).toEqual(['app.lan']);
    expect(held('d1', '2000-01-01T00:00:00.000Z')).toEqual(['app.lan']);
    // A deployment that was cut off, or could not reach the host, wrote nothing there.
    expect(held('of the command line', '2000-01-01T00:00:00.000Z')).toEqual(['app.lan', 'web.lan']);
    tell(store, 'd2', [started([move]), ...done(move.id), finishedOf('succeeded')]);
    expect(held('d1', '2999-01-01T00:00:00.000Z')).toEqual(['app.lan', 'web.lan']);
  });

  test('is kept apart by environment and by service', () => {
    const { store } = openFixture();
    tell(store, 'd1', [started([add]), ...done(add.id), finishedOf('succeeded')]);
    expect(store.holdings.of('web', 'staging')).toEqual([]);
    expect(store.holdings.of('other', 'production')).toEqual([]);
    expect(store.holdings.all('production')).toEqual(store.holdings.of('web', 'production'));
  });
});
