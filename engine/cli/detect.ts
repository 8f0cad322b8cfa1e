import type { Command } from 'commander';
import type { ChangesFile } from '../../schema/index.ts';
import { ProblemError } from '../problems.ts';
import type { Detection } from '../stages/detect.ts';
import { chooseRange, resolveRange, withRangeOptions, type RangeOptions } from './commit-range.ts';
import { detectIn, fetchBase, pathsAround } from './detect-in.ts';
import { dotenv, json, outHelp, writeFiles, type OutOptions } from './files.ts';
import { limitChanges, namedServices } from './named-services.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { count } from './print.ts';
import { environmentOf, placeOf, repositoryDirectory, withRepositoryOptions } from './repository-options.ts';
import type { Run } from './run.ts';

export type DetectOptions = OutOptions & RangeOptions;

/** `sentinel detect`: prints changes.json, or writes it and says what is in it. */
export function addDetect(program: Command, ports: CliPorts, run: Run): void {
  withRangeOptions(
    withRepositoryOptions(
      program.command('detect').description('tell which services a commit adds, changes or removes'),
    ),
  )
    .option('--out <dir>', outHelp)
    .action((options: DetectOptions) =>
      run(async (signal) => {
        const changes = await detectChanges(options, ports, signal);
        // Where programs get the file, people get a line for each service.
        ports.out(options.out === undefined ? json(changes) : renderChanges(changes));
        if (changes.total === 0)
          ports.err(
            'No service changed. After a secret got a new value, run the pipeline by hand, or use --full.\n',
          );
        const environment = environmentOf(options, ports);
        await writeFiles(options, ports, {
          'changes.json': json(changes),
          'sentinel.env': dotenv({ outcome: 'succeeded', environment, changes, digest: null }),
        });
        return exitCodes.ok;
      }),
    );
}

function renderChanges({ deploy, remove, total, mode }: ChangesFile): string {
  if (total === 0) return 'No service was changed.\n';
  const width = Math.max(...[...deploy, ...remove].map(({ action }) => action.length));
  const lines = [...deploy, ...remove].map(
    ({ action, name, path }) => `${action.padEnd(width)}  ${name}  ${path}\n`,
  );
  return `${lines.join('')}${count(total, 'service')}${mode === 'full' ? ', all there are' : ''}\n`;
}

async function detectChanges(
  options: DetectOptions,
  ports: CliPorts,
  signal: AbortSignal,
): Promise<ChangesFile> {
  const checkout = await ports.openCheckout(repositoryDirectory(options, ports), signal);
  const names = namedServices([], ports);
  const chosen = chooseRange(options, ports.env);
  const full = chosen.full ?? (names === null ? null : 'SENTINEL_SERVICES names those that count');
  const range = await resolveRange(checkout, { ...chosen, full }, signal);
  await fetchBase(checkout, { base: range.base, ports }, signal);
  const place = placeOf(options, {
    environment: environmentOf(options, ports),
    ...(await pathsAround(checkout, range, signal)),
  });
  const { changes }: Detection = await detectIn(checkout, { range, place }, { ports, signal });
  const known = [...changes.deploy, ...changes.remove].map(({ name }) => name);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new ProblemError({
      code: 'service-unknown',
      message: `SENTINEL_SERVICES names ${unknown}, and no service has that name.`,
      hint: `There are: ${known.join(', ')}.`,
    });
  return limitChanges(changes, names);
}
