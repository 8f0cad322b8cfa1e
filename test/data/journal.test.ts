import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Happening, Problem } from '../../engine/index.ts';
import { ada, ben, finishedOf, openFixture, planOf, startedOf, tell } from './support/state.ts';

const problem: Problem = {
  code: 'image-not-found',
  message: 'web:2 is not in the registry',
  where: 'box',
  hint: 'Check the tag.',
  evidence: [{ title: 'docker compose pull', text: 'manifest unknown' }],
};
const everyHappening: readonly Happening[] = [
  startedOf(['web']),
  { type: 'step-started', step: '1 deploy web', phase: 'forward' },
  { type: 'step-done', step: '1 deploy web', phase: 'forward', did: ['pulled web:2'] },
  { type: 'step-failed', step: '2 verify web', phase: 'forward', problem },
  { type: 'abort-requested', actor: ben },
  { type: 'unwinding', service: 'web', steps: planOf(['web']).steps, because: problem },
  { type: 'step-skipped', step: '2 verify web', phase: 'unwind', because: 'nothing to check' },
  { type: 'git', action: 'reverted', commit: 'c0ffee', branch: 'main', problem: null },
  finishedOf('rolled-back'),
];

test('every kind of event reads back after a restart exactly as it was told', () => {
  const fixture = openFixture();
  const told = tell(fixture.store, 'd1', everyHappening);
  expect(fixture.reopen().journal.events('d1')).toEqual(told);
});

test('events after a number are the ones a reader has not seen', () => {
  const { store } = openFixture();
  const told = tell(store, 'd1', everyHappening);
  expect(store.journal.events('d1', 7)).toEqual(told.slice(7));
  expect(store.journal.events('d1', 9)).toEqual([]);
  expect(store.journal.events('unknown')).toEqual([]);
});

test('an event is written together with its audit row, which names its hash and the person', () => {
  const { store, file } = openFixture();
  tell(store, 'd1', everyHappening);
  const raw = new Database(file, { readonly: true });
  const rows = raw
    .prepare(
      `SELECT audit.action, audit.actor ->> '$.name' AS who FROM events JOIN audit ON audit.seq = events.audit ORDER BY events.seq`,
    )
    .all();
  raw.close();
  expect(rows).toEqual([
    { action: 'deployment-started', who: 'Ada' },
    { action: 'step-started', who: 'Ada' },
    { action: 'step-done', who: 'Ada' },
    { action: 'step-failed', who: 'Ada' },
    { action: 'abort-requested', who: 'Ben' },
    { action: 'unwinding', who: 'Ada' },
    { action: 'step-skipped', who: 'Ada' },
    { action: 'git', who: 'Ada' },
    { action: 'deployment-finished', who: 'Ada' },
  ]);
});

describe('an event is refused and leaves nothing behind', () => {
  test.each<[string, number, Happening]>([
    ['when its number was used before', 2, { type: 'interrupted' }],
    ['when it leaves a gap', 4, { type: 'interrupted' }],
    ['when it starts a deployment a second time', 3, startedOf(['web'])],
  ])('%s', (_name, seq, happening) => {
    const { store, file } = openFixture();
    const told = tell(store, 'd1', everyHappening.slice(0, 2));
    expect(() => tell(store, 'd1', [happening], seq)).toThrow(/of deployment d1 is/);
    expect(store.journal.events('d1')).toEqual(told);
    expect(store.deployments.get('d1')?.outcome).toBeNull();
    expect(countAudit(file)).toBe(2);
  });

  test('when its deployment never started', () => {
    const { store, file } = openFixture();
    expect(() => tell(store, 'd1', [{ type: 'interrupted' }])).toThrow('begins with "started"');
    expect(countAudit(file)).toBe(0);
  });

  test('when its deployment has ended', () => {
    const { store, file } = openFixture();
    tell(store, 'd1', [startedOf(['web']), finishedOf('succeeded')]);
    expect(() => tell(store, 'd1', [{ type: 'interrupted' }], 3)).toThrow('comes after its end (succeeded)');
    expect(store.deployments.get('d1')?.outcome).toBe('succeeded');
    expect(countAudit(file)).toBe(2);
  });

  test('when it names a proposal nobody made', () => {
    const { store, file } = openFixture();
    const started = { ...startedOf(['web']), proposal: 'p1' };
    expect(() => tell(store, 'd1', [started])).toThrow('FOREIGN KEY');
    expect(store.deployments.get('d1')).toBeUndefined();
    expect(countAudit(file)).toBe(0);
  });
});

test('half a surrogate pair at the end of a cut log line does not stop the record', () => {
  const { store } = openFixture();
  const cut: Problem = { ...problem, evidence: [{ title: 'logs', text: 'done 🎉'.slice(0, -1) }] };
  tell(store, 'd1', [
    startedOf(['web']),
    { type: 'step-failed', step: '1 deploy web', phase: 'forward', problem: cut },
  ]);
  expect(store.journal.events('d1', 1)).toMatchObject([
    { problem: { evidence: [{ text: 'done \u{fffd}' }] } },
  ]);
});

test('the steps table follows the events, forwards and back', () => {
  const { store, file } = openFixture();
  tell(store, 'd1', everyHappening.slice(0, 7));
  const raw = new Database(file, { readonly: true });
  const rows = raw.prepare('SELECT phase, step, state FROM steps ORDER BY phase, position').all();
  raw.close();
  expect(rows).toEqual([
    { phase: 'forward', step: '1 deploy web', state: 'done' },
    { phase: 'forward', step: '2 verify web', state: 'failed' },
    { phase: 'unwind', step: '1 deploy web', state: 'waiting' },
    { phase: 'unwind', step: '2 verify web', state: 'skipped' },
  ]);
});

test('two unwindings of one service are both recorded', () => {
  const { store } = openFixture();
  tell(store, 'd1', [...everyHappening.slice(0, 6), everyHappening[5]!]);
  expect(store.journal.events('d1')).toHaveLength(7);
});

test('an event that was damaged on disk is reported by table and number', () => {
  const { store, file } = openFixture();
  tell(store, 'd1', everyHappening.slice(0, 2));
  const raw = new Database(file);
  raw.exec(
    `DROP TRIGGER events_never_changed; UPDATE events SET body = '{"type":"step-started"}' WHERE seq = 2`,
  );
  raw.close();
  expect(() => store.journal.events('d1')).toThrow(
    'Row d1/2 of table events cannot be read: body.deployment is not a text',
  );
});

test('the audit keeps messages of problems but not log lines', () => {
  const { store, file } = openFixture();
  tell(store, 'd1', everyHappening);
  const raw = new Database(file, { readonly: true });
  const details = raw.prepare('SELECT group_concat(detail) FROM audit').pluck().get();
  raw.close();
  expect(details).toContain('web:2 is not in the registry');
  expect(details).not.toContain('manifest unknown');
});

function countAudit(file: string): unknown {
  const raw = new Database(file, { readonly: true });
  try {
    return raw.prepare('SELECT count(*) FROM audit').pluck().get();
  } finally {
    raw.close();
  }
}

test('the actor of a started event is the one the deployment shows', () => {
  const { store } = openFixture();
  tell(store, 'd1', [startedOf(['web'])]);
  expect(store.deployments.get('d1')?.actor).toEqual(ada);
});
