import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { backUp, openStore, verifyAudit } from '../../data/index.ts';
import { applicationId } from '../../data/migrate.ts';
import { startWriter } from './support/child.ts';
import {
  ada,
  finishedOf,
  handClock,
  openFixture,
  quiet,
  startedOf,
  stateFolder,
  tell,
} from './support/state.ts';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('a backup', () => {
  test('of a database another process writes to all the time is whole, and its record is intact', async () => {
    const folder = stateFolder();
    const [file, copy] = [join(folder, 'sentinel.db'), join(folder, 'copy.db')];
    const writer = startWriter(['append-for-ever', file]);
    await writer.printed('busy');
    const taken = await backUp(file, copy);
    expect(taken).toMatchObject({ ok: true });
    if (!taken.ok) return;
    expect(taken.rows).toBeGreaterThanOrEqual(20);
    writer.kill();
    await writer.ended;
    // The writer was not disturbed, and what the copy ends with is a moment of the original.
    expect(verifyAudit(file, { head: taken.head })).toMatchObject({ ok: true });
    expect(verifyAudit(copy, { head: taken.head })).toMatchObject({ ok: true, rows: taken.rows });
  });

  test('is one file that only its owner can read, with nothing beside it', async () => {
    const { file } = openFixture();
    const folder = join(dirname(file), 'backups');
    mkdirSync(folder);
    const copy = join(folder, 'copy.db');
    await backUp(file, copy);
    expect(modeOf(copy)).toBe('600');
    expect(readdirSync(folder)).toEqual(['copy.db']);
    const raw = new Database(copy, { readonly: true });
    expect(raw.pragma('journal_mode', { simple: true })).toBe('delete');
    raw.close();
    expect(readdirSync(folder)).toEqual(['copy.db']);
  });

  test('put back is the store of that moment, and is written to again', async () => {
    const { file, store } = openFixture();
    tell(store, 'd1', [startedOf(['web']), finishedOf('succeeded')]);
    const copy = join(dirname(file), 'copy.db');
    await backUp(file, copy);
    tell(store, 'd2', [startedOf(['web'])]);

    const back = openStore({ file: copy, clock: handClock(), log: quiet });
    expect(back.journal.events('d1')).toEqual(store.journal.events('d1'));
    expect(back.journal.events('d2')).toEqual([]);
    back.audit.append({ actor: ada, action: 'denied', detail: {} });
    back.close();
    expect(verifyAudit(copy)).toMatchObject({ ok: true });
  });

  test('of a record somebody edited says so, and is kept for whoever looks', async () => {
    const { file, store } = openFixture();
    store.audit.append({ actor: ada, action: 'denied', detail: {} });
    const raw = new Database(file);
    raw.exec(`DROP TRIGGER audit_never_changed; UPDATE audit SET action = 'forged' WHERE seq = 1`);
    raw.close();
    const copy = join(dirname(file), 'copy.db');
    expect(await backUp(file, copy)).toMatchObject({ ok: false, row: 1 });
    expect(existsSync(copy)).toBe(true);
  });
});

describe('no backup is made, and nothing is left behind,', () => {
  test('over a file that is there', async () => {
    const { file } = openFixture();
    const copy = join(dirname(file), 'copy.db');
    writeFileSync(copy, 'last week');
    await expect(backUp(file, copy)).rejects.toMatchObject({ problem: { code: 'file-exists', where: copy } });
    expect(readFileSync(copy, 'utf8')).toBe('last week');
  });

  test('over a file that comes while it is made', async () => {
    const { file } = openFixture();
    const copy = join(dirname(file), 'copy.db');
    const made = backUp(file, copy);
    writeFileSync(copy, 'of somebody faster');
    await expect(made).rejects.toMatchObject({ problem: { code: 'file-exists', where: copy } });
    expect(readFileSync(copy, 'utf8')).toBe('of somebody faster');
    expect(readdirSync(dirname(file)).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  test('over a name that is taken, though a look says nothing is there', async () => {
    const { file } = openFixture();
    const copy = join(dirname(file), 'copy.db');
    symlinkSync('on-a-disk-that-is-away.db', copy);
    await expect(backUp(file, copy)).rejects.toMatchObject({ problem: { code: 'file-exists', where: copy } });
    expect(readlinkSync(copy)).toBe('on-a-disk-that-is-away.db');
    expect(readdirSync(dirname(file)).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  test('where its folder is not there', async () => {
    const { file } = openFixture();
    const copy = join(dirname(file), 'nowhere', 'copy.db');
    await expect(backUp(file, copy)).rejects.toMatchObject({
      problem: { code: 'state-unusable', message: expect.stringContaining(copy) as string },
    });
  });

  test('of a database that is not Sentinel’s', async () => {
    const folder = stateFolder();
    const foreign = join(folder, 'foreign.db');
    const raw = new Database(foreign);
    raw.exec('CREATE TABLE theirs (x)');
    expect(raw.pragma('application_id', { simple: true })).not.toBe(applicationId);
    raw.close();
    await expect(backUp(foreign, join(folder, 'copy.db'))).rejects.toThrow('not one of Sentinel');
    expect(readdirSync(folder)).toEqual(['foreign.db']);
  });
});
