import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CliPorts } from './ports.ts';
import { usageError } from './run.ts';

export const databaseOption = '--db <file>';
export const databaseHelp = 'the database (default: $SENTINEL_STATE/sentinel.db, or state/sentinel.db)';

/** The bot's database the command line was given, which has to be there. */
export function databaseFile(
  { db }: { readonly db?: string },
  { env, directory }: Pick<CliPorts, 'env' | 'directory'>,
): string {
  const file = resolve(directory, db ?? `${env['SENTINEL_STATE'] ?? 'state'}/sentinel.db`);
  if (!existsSync(file)) throw usageError(`there is no database ${file}; name it with --db`);
  return file;
}
