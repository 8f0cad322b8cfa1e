import { statSync } from 'node:fs';
import { migrations } from './migrations/index.ts';
import { readSnapshot } from './read-only.ts';

/** A database as it lies there: nothing is migrated, and a bot that works with it goes on. */
export interface Inspected {
  readonly schema: number;
  readonly known: number;
  readonly bytes: number;
  /** Who holds it as a running bot does, and when that was last heard of. */
  readonly holder: { readonly who: string; readonly beatAt: string } | null;
}

/** Looks at a database without changing it. Throws ProblemError `state-unusable`. */
export function inspectDatabase(file: string): Inspected {
  return readSnapshot(file, (db) => {
    const schema = Number(db.pragma('user_version', { simple: true }));
    const tables = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'locks'").pluck().get();
    const columns = tables === 1 ? { who: 'who', beatAt: 'beat_at' } : null;
    const held = (column: string): unknown =>
      db.prepare(`SELECT ${column} FROM locks WHERE key = 'bot'`).pluck().get();
    const [who, beatAt] = columns === null ? [null, null] : [held(columns.who), held(columns.beatAt)];
    return {
      ...{ schema, known: migrations.length, bytes: statSync(file).size },
      holder: typeof who === 'string' && typeof beatAt === 'string' ? { who, beatAt } : null,
    };
  });
}
