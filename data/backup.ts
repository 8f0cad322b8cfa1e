import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ProblemError } from '../engine/index.ts';
import { verifyAudit, type Verification } from './audit-verify.ts';
import { unusable } from './database.ts';
import { refuseForeign, refuseNewer } from './migrate.ts';
import { migrations } from './migrations/index.ts';

/**
 * Copies a database that others may be writing to, as it is at one moment, into one private file, and checks the copy.
 * Never writes over a file; a copy that cannot be finished leaves nothing behind.
 */
export async function backUp(from: string, to: string): Promise<Verification> {
  if (existsSync(to)) throw taken(to);
  const unfinished = `${to}.${process.pid}.unfinished`;
  try {
    closeSync(openSync(unfinished, 'wx', 0o600)); // private before there is anything in it
    await copy(from, unfinished);
    makeWhole(unfinished);
    const verdict = verifyAudit(unfinished);
    publish(unfinished, to);
    return verdict;
  } catch (error) {
    throw error instanceof ProblemError ? error : notWritten(to, error);
  } finally {
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(`${unfinished}${ending}`, { force: true });
  }
}

async function copy(from: string, to: string): Promise<void> {
  const db = openSource(from);
  try {
    // The open transaction keeps one moment: without it, every write of the bot would start the copy anew.
    db.exec('BEGIN');
    refuseForeign(db, from);
    refuseNewer(db, from, migrations.length);
    await db.backup(to);
  } finally {
    db.close();
  }
}

function openSource(file: string): Database.Database {
  try {
    return new Database(file, { readonly: true, fileMustExist: true, timeout: 10_000 });
  } catch (error) {
    throw unusable(file, error);
  }
}

/** One file without a log beside it, so that it can be read from a medium that cannot be written; and undamaged. */
function makeWhole(file: string): void {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = DELETE');
    const result = db.pragma('integrity_check(1)', { simple: true });
    if (result !== 'ok') throw new Error(`the copy is damaged: ${String(result)}`);
  } finally {
    db.close();
  }
}

/** It appears under its name only when it is complete and on disk, and only where nothing has that name. */
function publish(unfinished: string, to: string): void {
  flush(unfinished);
  try {
    linkSync(unfinished, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(to);
    if (!withoutLinks.has(codeOf(error))) throw error;
    claim(to);
    renameSync(unfinished, to);
  }
}

/** What disks answer that know no second name of a file, such as memory sticks and shares of a NAS. */
const withoutLinks = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']);

/** The name is ours from here on, so the copy replaces nothing but this empty file. */
function claim(to: string): void {
  try {
    closeSync(openSync(to, 'wx', 0o600));
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? taken(to) : error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function flush(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function taken(to: string): ProblemError {
  return new ProblemError({
    code: 'file-exists',
    message: `${to} is there already and was left as it is.`,
    where: to,
    hint: 'Give the backup a name of its own, with the date in it.',
  });
}

function notWritten(to: string, cause: unknown): ProblemError {
  return new ProblemError(
    {
      code: 'state-unusable',
      message: `The backup ${to} could not be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: to,
      hint: 'Check that its folder is there, that you may write to it, and that its disk has space left.',
    },
    { cause },
  );
}
