import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openStore, verifyAudit } from '../../data/index.ts';
import { startWriter } from './support/child.ts';
import { ada, handClock, openFixture, quiet, startedOf, stateFolder } from './support/state.ts';

test('a process killed while it writes its journal leaves a whole prefix of the story', async () => {
  const file = join(stateFolder(), 'sentinel.db');
  const started = { deployment: 'd1', seq: 1, at: '2026-01-02T03:05:01.000Z', ...startedOf(['web']) };
  const writer = startWriter(['journal-for-ever', file, 'd1', JSON.stringify(started)]);
  await writer.printed('busy');
  writer.kill();
  expect(await writer.ended).toMatchObject({ signal: 'SIGKILL' });

  const store = openStore({ file, clock: handClock(), log: quiet });
  const events = store.journal.events('d1');
  expect(events.length).toBeGreaterThanOrEqual(20);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
  expect(verifyAudit(file)).toMatchObject({ ok: true, rows: events.length });
  expect(store.deployments.unfinished()).toMatchObject([{ id: 'd1', outcome: null }]);
  store.journal.append({
    ...{ deployment: 'd1', seq: events.length + 1, at: '2026-01-02T04:00:00.000Z' },
    type: 'interrupted',
  });
  expect(store.deployments.get('d1')?.outcome).toBe('interrupted');
  store.close();
});

test('a process killed inside a transaction takes that transaction with it and frees the database', async () => {
  const { file, store } = openFixture();
  store.setMeta('a', 'before');
  const holder = startWriter(['hold', file]);
  await holder.printed('holding');
  holder.kill();
  await holder.ended;
  store.setMeta('a', 'after');
  expect(store.getMeta('a')).toBe('after');
});

test('a second writer waits for the first one’s transaction to end', async () => {
  const { file, store } = openFixture();
  const second = startWriter(['acquire', file, 'd1', 'web']);
  await second.printed('open');
  const first = startWriter(['hold', file]);
  await first.printed('holding');
  second.say('go');
  await second.printed('asking');
  expect(store.locks.all()).toEqual([]); // reading goes on meanwhile
  first.say('let go');
  expect(await second.ended).toMatchObject({ lines: ['open', 'asking', 'true'], code: 0 });
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(store.locks.all()).toMatchObject([{ key: 'web', id: 'd1' }]);
});

test('processes that write at once make one unbroken chain', async () => {
  const { file, store } = openFixture();
  const writers = ['a', 'b', 'c'].map((name) => startWriter(['append', file, name, '50']));
  for (let count = 1; count <= 50; count += 1)
    store.audit.append({ actor: ada, action: 'denied', detail: { count } });
  for (const writer of writers) expect(await writer.ended).toMatchObject({ code: 0 });
  expect(verifyAudit(file)).toMatchObject({ ok: true, rows: 200 });
});

test('processes that open a new store at once create it once', async () => {
  const file = join(stateFolder(), 'new', 'sentinel.db');
  const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(['append', file, name, '5']));
  for (const writer of writers) expect(await writer.ended).toMatchObject({ lines: ['open'], code: 0 });
  expect(verifyAudit(file)).toMatchObject({ ok: true, rows: 20 });
});

test('a disk that takes no more stops the record with a reason, and loses nothing written before', async () => {
  const file = join(stateFolder(), 'sentinel.db');
  // A limit on the size of files is what a full disk looks like to a program, without needing a disk to fill.
  const wrap = ['/bin/sh', '-c', 'ulimit -f 2000; exec "$@"', 'sh'];
  const writer = startWriter(['append-for-ever', file, 'd1'], { wrap });
  const { lines, code } = await writer.ended;
  expect(code).toBe(1);
  expect(lines.at(-1)).toMatch(
    /^failed: .*sentinel\.db could not be written: the disk did not accept it \(SQLITE_IOERR/,
  );

  const store = openStore({ file, clock: handClock(), log: quiet });
  store.audit.append({ actor: ada, action: 'denied', detail: null });
  store.close();
  const raw = new Database(file, { readonly: true });
  const count = raw.prepare('SELECT count(*) FROM audit').pluck().get();
  raw.close();
  expect(verifyAudit(file)).toMatchObject({ ok: true, rows: count });
  expect(count).toBeGreaterThan(20);
});

const canMount = ((): boolean => {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(canMount)('a full disk is called a full disk', async () => {
  const script = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"';
  const folder = stateFolder();
  const wrap = ['unshare', '--mount', '/bin/sh', '-c', script, folder];
  const writer = startWriter(['append-for-ever', join(folder, 'sentinel.db'), 'd1'], { wrap });
  const { lines } = await writer.ended;
  expect(lines.at(-1)).toMatch(/^failed: .*sentinel\.db could not be written: the disk is full$/);
});
