import type { Command } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Checkout } from '../providers/git/checkout.ts';
import type { DefinitionPlace } from '../definitions/definition-paths.ts';
import { detect, type Detection } from '../stages/detect.ts';
import {
  chooseRange,
  resolveRange,
  withRangeOptions,
  type CommitRange,
  type RangeOptions,
} from './commit-range.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import {
  placeOf,
  repositoryDirectory,
  withRepositoryOptions,
  type RepositoryOptions,
} from './repository-options.ts';
import type { Run } from './run.ts';

export interface DetectOptions extends RepositoryOptions, RangeOptions {
  readonly out?: string;
}

/** `sentinel detect`: prints changes.json. */
export function addDetect(program: Command, ports: CliPorts, run: Run): void {
  withRangeOptions(
    withRepositoryOptions(
      program.command('detect').description('tell which services a commit adds, changes or removes'),
    ),
  )
    .option('--out <dir>', 'also write changes.json there')
    .action((options: DetectOptions) =>
      run(async (signal) => {
        const { detection } = await detectChanges(options, ports, signal);
        ports.out(json(detection.changes));
        await writeFiles(options, ports, { 'changes.json': json(detection.changes) });
        return exitCodes.ok;
      }),
    );
}

/** Opens the checkout and compares; says on standard error when every service is looked at, and why. */
export async function detectChanges(
  options: DetectOptions,
  ports: CliPorts,
  signal: AbortSignal,
): Promise<{
  readonly checkout: Checkout;
  readonly place: DefinitionPlace;
  readonly range: CommitRange;
  readonly detection: Detection;
}> {
  const checkout = await ports.openCheckout(repositoryDirectory(options, ports), signal);
  const range = await resolveRange(checkout, chooseRange(options, ports.env), signal);
  if (isJob(ports)) await fetchBase(checkout, range.base, signal);
  const place = placeOf(
    options,
    await checkout.paths(range.head, signal),
    await pathsBefore(checkout, range.base, signal),
  );
  const detection = await detect(checkout, { ...range, place }, signal);
  if (detection.reason !== null) ports.err(`Every service is looked at: ${detection.reason}.\n`);
  if (detection.hint !== null) ports.err(`    ${detection.hint}\n`);
  return { checkout, place, range, detection };
}

/** A person's clone is left as it is; a job's was made for this, often with the last commits only. */
function isJob({ env }: CliPorts): boolean {
  return (env['CI'] ?? '') !== '';
}

/** Where it cannot be had, `detect` looks at everything and says why. */
async function fetchBase(checkout: Checkout, base: string | undefined, signal: AbortSignal): Promise<void> {
  if (base === undefined || /^0+$/.test(base) || (await checkout.has(base, signal))) return;
  await checkout.fetchCommit(base, signal);
}

/** Nothing where there is no commit before, or not here. */
async function pathsBefore(
  checkout: Checkout,
  base: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (base === undefined || !(await checkout.has(base, signal))) return [];
  return checkout.paths(base, signal);
}

export async function writeFiles(
  { out }: { readonly out?: string },
  ports: CliPorts,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  if (out === undefined) return;
  const directory = resolve(ports.directory, out);
  await mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
