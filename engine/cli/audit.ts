import type { Command } from 'commander';
import { databaseFile, databaseHelp, databaseOption } from './database-option.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { count, paint } from './print.ts';
import { usageError, type Run } from './run.ts';

interface AuditOptions {
  readonly db?: string;
  readonly head?: string;
  readonly since?: string;
}

/** `sentinel audit`: works on the database file alone, with the bot running or not. */
export function addAudit(program: Command, ports: CliPorts, run: Run): void {
  const audit = program
    .command('audit')
    .description('check or export the record of everything that was done');
  audit
    .command('verify')
    .description('check that no row was edited, removed or reordered; says at which row the chain breaks')
    .option(databaseOption, databaseHelp)
    .option('--head <hash>', 'a hash noted earlier: also notices rows missing at the end')
    .action((options: AuditOptions) => run(() => verify(options, ports)));
  audit
    .command('export')
    .description('write the record as JSON Lines, oldest first')
    .option(databaseOption, databaseHelp)
    .option('--since <time>', 'only rows from this ISO date or time on')
    .action((options: AuditOptions) => run(() => exportLines(options, ports)));
}

function verify(options: AuditOptions, ports: CliPorts): number {
  const { head } = options;
  const verdict = ports.verifyAudit(databaseFile(options, ports), head === undefined ? {} : { head });
  if (verdict.ok) {
    ports.out(
      `${paint(ports.color, 'green', 'intact')}  ${count(verdict.rows, 'row')}, head ${verdict.head}\n`,
    );
    return exitCodes.ok;
  }
  ports.out(`${paint(ports.color, 'red', 'broken')}  at row ${verdict.row}: ${verdict.reason}\n`);
  return exitCodes.problems;
}

function exportLines(options: AuditOptions, ports: CliPorts): number {
  const { since } = options;
  if (since !== undefined && Number.isNaN(Date.parse(since)))
    throw usageError(`--since ${since} is not a date or time like 2026-01-31T12:00:00Z`);
  const file = databaseFile(options, ports);
  ports.exportAudit(file, since === undefined ? {} : { since }, (line) => ports.out(`${line}\n`));
  return exitCodes.ok;
}
