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
    const lock =
      tables === 1 ? db.prepare("SELECT who, beat_at FROM locks WHERE key = 'bot'").raw().get() : undefined;
    const [who, beatAt]: readonly unknown[] = Array.isArray(lock) ? lock : [];
    return {
      ...{ schema, known: migrations.length, bytes: statSync(file).size },
      holder: typeof who === 'string' && typeof beatAt === 'string' ? { who, beatAt } : null,
    };
  });
}
