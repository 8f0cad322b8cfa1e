import Database from 'better-sqlite3';
import { ProblemError, type Clock, type Log } from '../engine/index.ts';
import { Mismatch, type Shape } from './shapes/shape.ts';

type SqliteError = InstanceType<typeof Database.SqliteError>;

/** What the parts of the store share. */
export interface Connection {
  readonly db: Database.Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs `work` in one transaction that is on disk when this returns; throws ProblemError when it is not. */
  readonly write: <T>(work: () => T) => T;
}

export function createConnection(
  db: Database.Database,
  { clock, log, onWritten }: { readonly clock: Clock; readonly log: Log; readonly onWritten: () => void },
): Connection {
  return {
    db,
    clock,
    log,
    write(work) {
      try {
        // Immediate: the lock is taken before anything is read, so what was read still holds when it is written.
        const result = db.transaction(work).immediate();
        onWritten();
        return result;
      } catch (error) {
        throw error instanceof Database.SqliteError ? writeFailed(error, db.name) : error;
      }
    },
  };
}

/** Reads a row; a row that is not what was written is a problem that names its table and id. */
export function parseRow<T>(
  { table, id }: { readonly table: string; readonly id: string },
  shape: Shape<T>,
  row: unknown,
): T {
  try {
    return shape(row, '');
  } catch (error) {
    if (!(error instanceof Mismatch) && !(error instanceof SyntaxError)) throw error;
    throw new ProblemError(
      {
        code: 'record-corrupt',
        message: `Row ${id} of table ${table} cannot be read: ${error.message}`,
        where: `${table} ${id}`,
        hint: 'Run "sentinel audit verify" to see what was changed, and put back the last good copy of the state folder.',
      },
      { cause: error },
    );
  }
}

/** A column that holds JSON. */
export function json<T>(shape: Shape<T>): Shape<T> {
  return (value, at) => {
    if (typeof value !== 'string') throw new Mismatch(at, 'JSON text');
    const parsed: unknown = JSON.parse(value);
    return shape(parsed, at);
  };
}

function writeFailed(error: SqliteError, file: string): ProblemError {
  const { message, hint } = explain(error);
  return new ProblemError(
    { code: 'journal-failed', message: `${file} could not be written: ${message}`, where: file, hint },
    { cause: error },
  );
}

function explain({ code, message }: SqliteError): {
  readonly message: string;
  readonly hint: string;
} {
  if (code === 'SQLITE_FULL')
    return { message: 'the disk is full', hint: 'Free space on the disk that holds the state folder.' };
  if (code.startsWith('SQLITE_BUSY'))
    return {
      message: 'another process holds the database',
      hint: 'Find the process that keeps it open; only the bot and the command line should.',
    };
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_IOERR'))
    return {
      message: `the disk did not accept it (${code})`,
      hint: 'Check the disk: space, limits, errors, and whether it is mounted read-only.',
    };
  return {
    message: `${message} (${code})`,
    hint: 'The record was refused as it stands; nothing of it was written.',
  };
}
