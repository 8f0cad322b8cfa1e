import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { ProblemError, type Log } from '../engine/index.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';

/** How long one process waits for another one's transaction. */
const busyTimeoutMs = 10_000;

/** Opens the database for reading and writing: private file, durable writes, tables up to date, content intact. */
export function openDatabase(file: string, log: Log): Database.Database {
  prepareFile(file, log);
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: busyTimeoutMs });
    configure(db, file);
    checkIntegrity(db, file);
    const applied = migrate(db, file, migrations);
    if (applied.length > 0) log.info({ file, applied }, 'database migrated');
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof ProblemError ? error : unusable(file, error);
  }
}

function configure(db: Database.Database, file: string): void {
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal')
    throw unusable(file, new Error('its file system does not allow a write-ahead log; use a local disk'));
  db.pragma('synchronous = FULL'); // a committed event survives a power cut
  db.pragma('foreign_keys = ON');
  db.pragma('trusted_schema = OFF');
}

function checkIntegrity(db: Database.Database, file: string): void {
  const result = db.pragma('integrity_check(1)', { simple: true });
  if (result === 'ok') return;
  throw new ProblemError({
    code: 'state-unusable',
    message: `${file} is damaged: ${String(result)}`,
    where: file,
    hint: 'Keep a copy of the damaged file, then put back the last good copy of the state folder.',
  });
}

/** SQLite gives its side files the permissions of the database, so the file is made private before SQLite sees it. */
function prepareFile(file: string, log: Log): void {
  const folder = dirname(file);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK); // SQLite writes its side files there
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw notWritable(folder, error);
  }
  if ((statSync(file).mode & 0o077) === 0) return;
  try {
    chmodSync(file, 0o600);
  } catch (error) {
    log.warn({ file, error }, 'others can read the database and its permissions cannot be changed');
  }
}

function notWritable(folder: string, cause: unknown): ProblemError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const user = process.getuid?.() ?? 'unknown';
  return new ProblemError(
    {
      code: 'state-unusable',
      message: `The state folder ${folder} cannot be written by user ${user}: ${reason}`,
      where: folder,
      hint: `Give the folder to that user (chown ${user} ${folder}) or choose another one in the configuration.`,
    },
    { cause },
  );
}

/** Any failure to open the file, in words. */
export function unusable(file: string, cause: unknown): ProblemError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ProblemError(
    {
      code: 'state-unusable',
      message: `${file} cannot be opened: ${reason}`,
      where: file,
      hint: 'Check that the state folder is on a local disk with space left and holds nothing but Sentinel’s files.',
    },
    { cause },
  );
}
