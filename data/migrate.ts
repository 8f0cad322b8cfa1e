import type Database from 'better-sqlite3';
import { ProblemError } from '../engine/index.ts';
import type { Migration } from './migrations/migration.ts';

/** Marks a database file as ours (`SNTL`), so that another program's file is never altered by mistake. */
export const applicationId = 0x534e544c;

/** Brings the tables up to this version, one transaction for each migration, and returns the names of those applied. */
export function migrate(
  db: Database.Database,
  file: string,
  migrations: readonly Migration[],
): readonly string[] {
  refuseForeign(db, file);
  const applied: string[] = [];
  for (const [index, { name, sql }] of migrations.entries()) {
    const step = db.transaction(() => {
      // Read inside the transaction: another process may have migrated while we waited for it.
      if (schemaVersion(db) > index) return false;
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
      db.pragma(`application_id = ${applicationId}`);
      return true;
    });
    if (step.immediate()) applied.push(name);
  }
  refuseNewer(db, file, migrations.length);
  return applied;
}

/** Refuses a file that a newer version wrote. */
export function refuseNewer(db: Database.Database, file: string, known: number): void {
  const version = schemaVersion(db);
  if (version <= known) return;
  throw new ProblemError({
    code: 'state-unusable',
    message: `${file} has schema version ${version}, written by a newer Sentinel; this one knows versions up to ${known}.`,
    where: file,
    hint: 'Start the newer Sentinel again, or put back a copy of the file from before the upgrade.',
  });
}

/** Refuses a database that is not Sentinel's. */
export function refuseForeign(db: Database.Database, file: string): void {
  const id = db.pragma('application_id', { simple: true });
  if (id === applicationId) return;
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (id === 0 && tables === 0) return;
  throw new ProblemError({
    code: 'state-unusable',
    message: `${file} is a database, but not one of Sentinel's.`,
    where: file,
    hint: 'Check the state folder in the configuration.',
  });
}

function schemaVersion(db: Database.Database): number {
  const version = db.pragma('user_version', { simple: true });
  return typeof version === 'number' ? version : 0;
}
