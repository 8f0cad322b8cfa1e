import type { LockHolder, Locks } from '../engine/index.ts';
import { parseRow, type Connection } from './connection.ts';
import { object, text } from './shapes/shape.ts';

type Lock = LockHolder & { readonly key: string; readonly since: string; readonly beatAt: string };

/** Who works on what. Held by every process that shares the database; freed by a heartbeat that stops. */
export function createLocks({ db, write, clock, log }: Connection): Locks {
  const columns = 'SELECT key, holder AS id, who, reason, since, beat_at AS beatAt FROM locks';
  const byKey = db.prepare(`${columns} WHERE key = ?`);
  const all = db.prepare(`${columns} ORDER BY since, key`);
  // A holder that asks again keeps its `since`.
  const take = db.prepare(`
    INSERT INTO locks (key, holder, who, reason, since, beat_at) VALUES (:key, :id, :who, :reason, :now, :now)
    ON CONFLICT (key) DO UPDATE SET
      since = CASE holder WHEN excluded.holder THEN since ELSE excluded.since END,
      holder = excluded.holder, who = excluded.who, reason = excluded.reason, beat_at = excluded.beat_at`);
  const beat = db.prepare('UPDATE locks SET beat_at = ? WHERE holder = ?');
  const release = db.prepare('DELETE FROM locks WHERE holder = ?');

  return {
    acquire(keys, holder, staleSeconds) {
      return write(() => {
        const now = clock.now();
        const aliveSince = now.getTime() - staleSeconds * 1000;
        for (const key of keys) {
          const row = byKey.get(key);
          const lock = row === undefined ? undefined : parseLockRow(row);
          if (lock === undefined || lock.id === holder.id) continue;
          const { id, who, reason, since, beatAt } = lock;
          if (Date.parse(beatAt) >= aliveSince) return { held: false, key, by: { id, who, reason, since } };
          log.warn({ key, from: id, to: holder.id, beatAt }, 'lock taken over from a holder that stopped');
        }
        for (const key of keys) take.run({ key, ...holder, now: now.toISOString() });
        return { held: true };
      });
    },
    beat: (holder) => write(() => beat.run(clock.now().toISOString(), holder).changes > 0),
    release: (holder) => void write(() => release.run(holder)),
    all: () => all.all().map(parseLockRow),
  };
}

const idShape = object<{ key: string }>({ key: text });
const rowShape = object<Lock>({ key: text, id: text, who: text, reason: text, since: text, beatAt: text });

function parseLockRow(row: unknown): Lock {
  const { key } = parseRow({ table: 'locks', id: 'without a key' }, idShape, row);
  return parseRow({ table: 'locks', id: key }, rowShape, row);
}
