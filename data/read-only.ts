import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { ProblemError } from '../engine/index.ts';
import { unusable } from './database.ts';
import { refuseForeign, refuseNewer } from './migrate.ts';
import { migrations } from './migrations/index.ts';

/** Reads one consistent moment of a database that others may be writing to, and changes nothing in it. */
export function readSnapshot<T>(file: string, read: (db: Database.Database) => T): T {
  if (!existsSync(file))
    throw new ProblemError({
      code: 'state-unusable',
      message: `${file} does not exist.`,
      where: file,
      hint: 'Give the path of the database in the state folder.',
    });
  try {
    return readFrom(file, file, read);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    if (!/^SQLITE_(CANTOPEN|READONLY)/.test(error.code)) throw unusable(file, error);
    return readCopy(file, read);
  }
}

/** On a read-only disk SQLite cannot make the index of the write-ahead log, so a copy is read where it can. */
function readCopy<T>(file: string, read: (db: Database.Database) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-audit-'));
  try {
    const copy = join(folder, basename(file));
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    return readFrom(copy, file, read);
  } catch (error) {
    throw error instanceof ProblemError ? error : unusable(file, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readFrom<T>(path: string, shownAs: string, read: (db: Database.Database) => T): T {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 10_000 });
  try {
    return db.transaction(() => {
      refuseForeign(db, shownAs);
      refuseNewer(db, shownAs, migrations.length);
      return read(db);
    })();
  } finally {
    db.close();
  }
}
