import { chmodSync, existsSync, mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openStore, type OpenStore } from '../../data/index.ts';
import { applicationId, migrate } from '../../data/migrate.ts';
import { migrations } from '../../data/migrations/index.ts';
import { ProblemError } from '../../engine/index.ts';
import { startWriter } from './support/child.ts';
import { handClock, openFixture, quiet, stateFolder } from './support/state.ts';

const open = (file: string): OpenStore => openStore({ file, clock: handClock(), log: quiet });
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

function refusal(file: string): ProblemError['problem'] {
  try {
    open(file).close();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('it opened');
}

describe('a new store', () => {
  test('is made in a folder and files that only its owner can read', () => {
    const folder = join(stateFolder(), 'deep', 'state');
    const file = join(folder, 'sentinel.db');
    const store = open(file);
    store.setMeta('a', 'b');
    expect([folder, file, `${file}-wal`, `${file}-shm`].map(modeOf)).toEqual(['700', '600', '600', '600']);
    store.close();
  });

  test('writes durably: write-ahead log, full synchronisation, foreign keys', () => {
    const { file } = openFixture();
    const raw = new Database(file, { readonly: true });
    expect(raw.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(raw.pragma('user_version', { simple: true })).toBe(migrations.length);
    expect(raw.pragma('application_id', { simple: true })).toBe(applicationId);
    raw.close();
  });

  test('tells when it last wrote, and closes twice without complaint', () => {
    const { store, clock } = openFixture();
    const opened = store.lastWriteAt();
    clock.advance(60);
    store.getMeta('a');
    store.proposals.pending();
    expect(store.lastWriteAt()).toEqual(opened);
    store.setMeta('a', 'b');
    expect(store.lastWriteAt()).toEqual(clock.now());
    store.close();
    store.close();
  });
});

test('a file others could read is made private', () => {
  const { file, store } = openFixture();
  store.close();
  chmodSync(file, 0o644);
  open(file).close();
  expect(modeOf(file)).toBe('600');
});

describe('opening is refused, with a reason and what to do,', () => {
  test('when a newer version wrote the file, and the file stays as it is', () => {
    const { file, store } = openFixture();
    store.close();
    const raw = new Database(file);
    raw.pragma(`user_version = ${migrations.length + 1}`);
    raw.close();
    expect(refusal(file)).toMatchObject({
      code: 'state-unusable',
      message: expect.stringContaining(
        `schema version ${migrations.length + 1}, written by a newer Sentinel; this one knows versions up to ${migrations.length}`,
      ) as string,
    });
    const after = new Database(file, { readonly: true });
    expect(after.pragma('user_version', { simple: true })).toBe(migrations.length + 1);
    after.close();
  });

  test('when the file is another program’s database, which stays as it is', () => {
    const file = join(stateFolder(), 'other.db');
    const raw = new Database(file);
    raw.exec('CREATE TABLE bookmarks (url TEXT)');
    raw.close();
    expect(refusal(file).message).toContain('not one of Sentinel');
    const after = new Database(file, { readonly: true });
    expect(after.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['bookmarks']);
    after.close();
  });

  test('when the file is no database', () => {
    const file = join(stateFolder(), 'notes.txt');
    writeFileSync(file, 'buy milk\n'.repeat(1000));
    expect(refusal(file)).toMatchObject({ code: 'state-unusable', where: file });
    expect(refusal(file).message).toContain('file is not a database');
  });

  test('when the file is damaged', () => {
    const { file, store } = openFixture();
    for (let count = 0; count < 200; count += 1) store.setMeta(`key ${count}`, 'x'.repeat(500));
    store.close();
    truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096);
    expect(refusal(file)).toMatchObject({ code: 'state-unusable', where: file });
    expect(refusal(file).message).toMatch(/damaged|malformed/);
  });

  test('when its folder would be inside a file', () => {
    const folder = stateFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(refusal(join(folder, 'file', 'sentinel.db'))).toMatchObject({
      code: 'state-unusable',
      message: expect.stringContaining('cannot be written by user') as string,
    });
  });

  test.runIf(process.getuid?.() === 0)('when another user owns the folder', async () => {
    const folder = stateFolder();
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'state'), { mode: 0o755 });
    const file = join(folder, 'state', 'sentinel.db');
    const { lines, code } = await startWriter(['open', file], { uid: 65534 }).ended;
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^failed: The state folder .* cannot be written by user 65534: EACCES/),
    ]);
    expect(existsSync(file)).toBe(false);
  });
});

describe('migrations', () => {
  const two = [
    { name: '0001-a', sql: 'CREATE TABLE a (x)' },
    { name: '0002-b', sql: 'ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)' },
  ];

  test('are numbered in the order they run', () => {
    expect(migrations.map(({ name }) => Number(name.slice(0, 4)))).toEqual(
      migrations.map((_one, i) => i + 1),
    );
  });

  test('run in order, each once, from wherever the file stands', () => {
    const db = new Database(':memory:');
    expect(migrate(db, 'test', two.slice(0, 1))).toEqual(['0001-a']);
    expect(migrate(db, 'test', two)).toEqual(['0002-b']);
    expect(migrate(db, 'test', two)).toEqual([]);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: 2 }]);
    db.close();
  });

  test('that fail half way leave the version and the tables of before', () => {
    const db = new Database(':memory:');
    const broken = [
      two[0]!,
      { name: '0002-broken', sql: 'CREATE TABLE c (x); INSERT INTO nowhere VALUES (1)' },
    ];
    expect(() => migrate(db, 'test', broken)).toThrow('no such table');
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    expect(db.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['a']);
    db.close();
  });
});
