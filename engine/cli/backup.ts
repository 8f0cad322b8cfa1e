import type { Command } from 'commander';
import { resolve } from 'node:path';
import { databaseFile, databaseHelp, databaseOption } from './database-option.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { count, paint } from './print.ts';
import type { Run } from './run.ts';

interface BackupOptions {
  readonly db?: string;
  readonly to: string;
}

/** `sentinel backup`: a checked copy of the bot's database, with the bot running or not. */
export function addBackup(program: Command, ports: CliPorts, run: Run): void {
  program
    .command('backup')
    .description('copy the bot’s database into one file, while the bot runs, and check the copy')
    .option(databaseOption, databaseHelp)
    .requiredOption('--to <file>', 'the copy; a file that is there is never written over')
    .action((options: BackupOptions) => run(() => backUp(options, ports)));
}

async function backUp(options: BackupOptions, ports: CliPorts): Promise<number> {
  const to = resolve(ports.directory, options.to);
  const verdict = await ports.backUp(databaseFile(options, ports), to);
  if (verdict.ok) {
    ports.out(
      `${paint(ports.color, 'green', 'copied')}  ${to}: the record is intact, ${count(verdict.rows, 'row')}, head ${verdict.head}\n`,
    );
    return exitCodes.ok;
  }
  ports.out(
    `${paint(ports.color, 'red', 'copied, but broken')}  ${to}: at row ${verdict.row}: ${verdict.reason}; keep your earlier backups\n`,
  );
  return exitCodes.problems;
}
