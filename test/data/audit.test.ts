import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import canonicalize from 'canonicalize';
import { describe, expect, test } from 'vitest';
import { exportAudit, verifyAudit, type OpenStore } from '../../data/index.ts';
import { startWriter } from './support/child.ts';
import {
  ada,
  ben,
  finishedOf,
  openFixture,
  startedOf,
  stateFolder,
  tell,
  type Fixture,
} from './support/state.ts';

/** Six rows: two refusals, a deployment of three events, one more refusal. */
function filled(): Fixture {
  const fixture = openFixture();
  refuse(fixture.store, 'first');
  refuse(fixture.store, 'second');
  tell(fixture.store, 'd1', [
    startedOf(['web']),
    { type: 'step-started', step: '1 deploy web', phase: 'forward' },
    finishedOf('succeeded'),
  ]);
  refuse(fixture.store, 'last');
  return fixture;
}
function refuse(store: OpenStore, why: string): void {
  store.audit.append({
    actor: ben,
    action: 'denied',
    detail: { why, nested: { list: [1, 2.5, null], ü: '€' } },
  });
}

function tamper(file: string, sql: string): void {
  const raw = new Database(file);
  raw.pragma('foreign_keys = OFF');
  const triggers = raw.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all() as {
    name: string;
    sql: string;
  }[];
  raw.exec(triggers.map(({ name }) => `DROP TRIGGER ${name};`).join(''));
  raw.exec(sql);
  raw.exec(triggers.map((trigger) => `${trigger.sql};`).join(''));
  raw.close();
}

const headOf = (file: string): string => {
  const result = verifyAudit(file);
  if (!result.ok) throw new Error(result.reason);
  return result.head;
};

describe('the table itself', () => {
  test.each([
    ['changing a row', `UPDATE audit SET action = 'approved' WHERE seq = 2`, 'never changed'],
    ['changing any row', `UPDATE audit SET at = at`, 'never changed'],
    ['removing a row', `DELETE FROM audit WHERE seq = 6`, 'never removed'],
    ['removing all rows', `DELETE FROM audit`, 'never removed'],
    [
      'replacing a row',
      `INSERT OR REPLACE INTO audit SELECT seq, at, actor, 'x', proposal, deployment, detail, previous, hash FROM audit WHERE seq = 2`,
      'in order',
    ],
    [
      'leaving a gap',
      `INSERT INTO audit SELECT seq + 2, at, actor, action, proposal, deployment, detail, hash, 'x' FROM audit WHERE seq = 6`,
      'in order',
    ],
    [
      'adding a row that does not name the one before',
      `INSERT INTO audit SELECT seq + 1, at, actor, action, proposal, deployment, detail, previous, 'x' FROM audit WHERE seq = 6`,
      'in order',
    ],
    ['changing an event', `UPDATE events SET type = 'x'`, 'events are never changed'],
    ['removing an event', `DELETE FROM events`, 'events are never removed'],
    [
      'adding an event out of order',
      `INSERT INTO events SELECT deployment, 9, type, body, 1 FROM events WHERE seq = 1`,
      'events are written in order',
    ],
  ])('refuses %s', (_name, sql, reason) => {
    const { file } = filled();
    const raw = new Database(file);
    expect(() => raw.exec(sql)).toThrow(reason);
    raw.close();
    expect(verifyAudit(file)).toMatchObject({ ok: true, rows: 6 });
  });
});

describe('verifying', () => {
  test('finds an empty log and an untouched log in order', () => {
    expect(verifyAudit(openFixture().file)).toEqual({ ok: true, rows: 0, head: '0'.repeat(64) });
    expect(verifyAudit(filled().file)).toMatchObject({ ok: true, rows: 6 });
  });

  test('works while the store is open, with rows not yet folded into the file', () => {
    const { file, store } = filled();
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    expect(verifyAudit(file)).toMatchObject({ ok: true, rows: 6 });
    refuse(store, 'while verifying');
    expect(verifyAudit(file)).toMatchObject({ ok: true, rows: 7 });
  });

  test('works on a copy of the files of a store that was never closed', () => {
    const { file } = filled();
    const copy = join(stateFolder(), 'copy.db');
    copyFileSync(file, copy);
    copyFileSync(`${file}-wal`, `${copy}-wal`);
    expect(verifyAudit(copy)).toMatchObject({ ok: true, rows: 6 });
  });

  test('works after the store was closed, and leaves the file as it is', () => {
    const { file, store } = filled();
    store.close();
    const before = statSync(file);
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(verifyAudit(file)).toMatchObject({ ok: true, rows: 6 });
    expect(statSync(file)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs, ino: before.ino });
  });

  test('says so when there is no such file, or it is not ours', () => {
    const folder = stateFolder();
    expect(() => verifyAudit(join(folder, 'none.db'))).toThrow('none.db does not exist');
    const raw = new Database(join(folder, 'other.db'));
    raw.exec('CREATE TABLE audit (seq INTEGER)');
    raw.close();
    expect(() => verifyAudit(join(folder, 'other.db'))).toThrow('not one of Sentinel');
  });
});

describe('tampering is found where it was done:', () => {
  test.each<[string, string, number, string]>([
    ['a changed action', `UPDATE audit SET action = 'approved' WHERE seq = 2`, 2, 'edited'],
    [
      'a changed person',
      `UPDATE audit SET actor = json_set(actor, '$.name', 'Eve') WHERE seq = 4`,
      4,
      'edited',
    ],
    ['a changed time', `UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 1`, 1, 'edited'],
    ['a changed detail', `UPDATE audit SET detail = '{"why":"because"}' WHERE seq = 6`, 6, 'edited'],
    ['a detail that is no JSON', `UPDATE audit SET detail = '{' WHERE seq = 5`, 5, 'edited'],
    ['a changed deployment', `UPDATE audit SET deployment = 'd2' WHERE seq = 3`, 3, 'edited'],
    ['an added proposal', `UPDATE audit SET proposal = 'p9' WHERE seq = 1`, 1, 'edited'],
    ['a changed hash', `UPDATE audit SET hash = upper(hash) WHERE seq = 3`, 3, 'edited'],
    ['a removed first row', `DELETE FROM audit WHERE seq = 1`, 1, 'missing'],
    ['a removed row', `DELETE FROM audit WHERE seq = 3`, 3, 'missing'],
    ['several removed rows', `DELETE FROM audit WHERE seq IN (2, 3, 4)`, 2, 'missing'],
    [
      'a removed row, the rest renumbered',
      `DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 1 WHERE seq > 2`,
      2,
      'reordered',
    ],
    [
      'two exchanged rows',
      `UPDATE audit SET seq = -1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = -1`,
      2,
      'reordered',
    ],
    ['a removed last row whose event is left', `DELETE FROM audit WHERE seq >= 5`, 5, 'truncated'],
    ['an edited event', `UPDATE events SET body = replace(body, 'web', 'wob') WHERE seq = 1`, 3, 'journal'],
    ['a removed event', `DELETE FROM events WHERE seq = 2`, 4, 'journal'],
  ])('%s', (_name, sql, row, kind) => {
    const { file } = filled();
    tamper(file, sql);
    expect(verifyAudit(file)).toMatchObject({ ok: false, row, kind });
  });

  test('a row rewritten together with its hash no longer fits the row after it', () => {
    const { file } = filled();
    const row = readRows(file)[1]!;
    const changed = { ...row, action: 'approved' };
    tamper(file, `UPDATE audit SET action = 'approved', hash = '${rehash(changed)}' WHERE seq = 2`);
    expect(verifyAudit(file)).toMatchObject({
      ok: false,
      row: 3,
      kind: 'relinked',
      reason: expect.stringContaining('row 2 was rewritten') as string,
    });
  });

  test('protections that were taken away, even when every row is right', () => {
    const { file } = filled();
    const raw = new Database(file);
    raw.exec('DROP TRIGGER audit_never_changed');
    raw.close();
    expect(verifyAudit(file)).toMatchObject({ ok: false, row: 0, kind: 'unguarded' });
  });
});

describe('a head noted earlier', () => {
  test('is found again after the log has grown', () => {
    const { file, store } = filled();
    const head = headOf(file);
    expect(verifyAudit(file, { head })).toMatchObject({ ok: true });
    refuse(store, 'later');
    expect(verifyAudit(file, { head })).toMatchObject({ ok: true, rows: 7 });
  });

  test('shows that rows at the end were removed, which nothing else shows', () => {
    const { file } = filled();
    const head = headOf(file);
    tamper(file, `DELETE FROM audit WHERE seq = 6`);
    expect(verifyAudit(file)).toMatchObject({ ok: true, rows: 5 });
    expect(verifyAudit(file, { head })).toMatchObject({ ok: false, row: 6, kind: 'truncated' });
  });

  test('shows that the whole log was replaced by another consistent one', () => {
    const head = headOf(filled().file);
    const other = openFixture();
    refuse(other.store, 'another life');
    expect(verifyAudit(other.file, { head })).toMatchObject({ ok: false, row: 2, kind: 'truncated' });
  });
});

describe('the export', () => {
  test('is one canonical line for each row, and can be checked with nothing but SHA-256', () => {
    const { file } = filled();
    const lines: string[] = [];
    expect(exportAudit(file, {}, (line) => lines.push(line))).toBe(6);
    let previous = '0'.repeat(64);
    for (const [index, line] of lines.entries()) {
      const row = JSON.parse(line) as Row;
      expect(canonicalize(row)).toBe(line);
      expect(row).toMatchObject({ seq: index + 1, previous, hash: rehash(row) });
      previous = row.hash;
    }
    expect(previous).toBe(headOf(file));
    expect(JSON.parse(lines[0]!)).toMatchObject({
      actor: ben,
      action: 'denied',
      detail: { why: 'first', nested: { list: [1, 2.5, null], ü: '€' } },
    });
    expect(JSON.parse(lines[2]!)).toMatchObject({
      actor: ada,
      action: 'deployment-started',
      deployment: 'd1',
    });
  });

  test('begins at a time', () => {
    const { file, store, clock } = openFixture();
    refuse(store, 'early');
    clock.advance(3600);
    refuse(store, 'late');
    const lines: string[] = [];
    exportAudit(file, { since: clock.now().toISOString() }, (line) => lines.push(line));
    expect(lines.map((line) => (JSON.parse(line) as Row).seq)).toEqual([2]);
    expect(exportAudit(file, { since: '2099-01-01' }, () => undefined)).toBe(0);
    expect(exportAudit(file, { since: '2000-01-01' }, () => undefined)).toBe(2);
  });

  test('stops at a damaged row and names it', () => {
    const { file } = filled();
    tamper(file, `UPDATE audit SET actor = '{}' WHERE seq = 4`);
    expect(() => exportAudit(file, {}, () => undefined)).toThrow('Row 4 of table audit cannot be read');
  });
});

test.runIf(process.getuid?.() === 0)(
  'a log on a disk where nothing can be written is verified all the same',
  async () => {
    const { file, store } = filled();
    store.close();
    const folder = stateFolder();
    const copy = join(folder, 'sealed', 'sentinel.db');
    mkdirSync(join(folder, 'sealed'));
    copyFileSync(file, copy);
    chmodSync(copy, 0o444);
    chmodSync(join(folder, 'sealed'), 0o555);
    chmodSync(folder, 0o755);
    const writer = startWriter(['verify', copy], { uid: 65534 });
    expect((await writer.ended).lines).toEqual([JSON.stringify({ ok: true, rows: 6, head: headOf(file) })]);
  },
);

interface Row {
  readonly seq: number;
  readonly hash: string;
  readonly [key: string]: unknown;
}

/** The hash as documented, written independently of the code under test. */
function rehash(row: Row): string {
  const content = Object.entries(row).filter(([key]) => key !== 'hash');
  return createHash('sha256')
    .update(canonicalize(Object.fromEntries(content))!)
    .digest('hex');
}

function readRows(file: string): readonly Row[] {
  const rows: Row[] = [];
  exportAudit(file, {}, (line) => rows.push(JSON.parse(line) as Row));
  return rows;
}
