import { Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  aroundChecks,
  definitionFindings,
  examine,
  programChecks,
  skipped,
  wrong,
  areaNames,
  type Area,
  type Check,
  type Examination,
  type Finding,
} from '../doctor/index.ts';
import { inventoryFile } from '../definitions/index.ts';
import { ProblemError } from '../problems.ts';
import { renderFindings } from './doctor-report.ts';
import { variableFindings } from './doctor-variables.ts';
import { json } from './files.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import {
  environmentOf,
  filled,
  loadDefinitions,
  placeOf,
  repositoryDirectory,
  withRepositoryOptions,
  type RepositoryOptions,
} from './repository-options.ts';
import type { Run } from './run.ts';

interface DoctorOptions extends RepositoryOptions {
  readonly config?: string;
  readonly only?: readonly Area[];
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** `sentinel doctor`: looks at everything Sentinel needs, says what is wrong and how to mend it. Changes nothing. */
export function addDoctor(program: Command, ports: CliPorts, run: Run): void {
  withRepositoryOptions(
    program
      .command('doctor')
      .description('check every credential, permission, host, path, version and clock; changes nothing'),
  )
    .option(
      '--config <file>',
      'the bot’s configuration (default: $SENTINEL_CONFIG, or bot.yml if it is here)',
    )
    .addOption(new Option('--only <area...>', 'look at these alone').choices(areaNames))
    .option('--offline', 'ask no host and no system')
    .option('--json', 'print JSON')
    .action((options: DoctorOptions) => run((signal) => doctor(options, ports, signal)));
}

async function doctor(options: DoctorOptions, ports: CliPorts, signal: AbortSignal): Promise<number> {
  const file = configFile(options, ports);
  const examination =
    file === null ? await inCheckout(options, ports, signal) : await onBotHost(file, options, ports);
  try {
    const findings = await examine(withProgram(examination, options, ports), {
      only: options.only ?? [],
      signal,
    });
    const failed = findings.some(({ state }) => state === 'wrong');
    ports.out(options.json === true ? json({ ok: !failed, findings }) : renderFindings(findings, ports));
    return failed ? exitCodes.problems : exitCodes.ok;
  } finally {
    await examination.close();
  }
}

function configFile({ config, repository }: DoctorOptions, { env, directory }: CliPorts): string | null {
  const named = config ?? (repository === undefined ? filled(env['SENTINEL_CONFIG']) : undefined);
  if (named !== undefined) return resolve(directory, named);
  const here = join(directory, 'bot.yml');
  return repository === undefined && existsSync(here) ? here : null;
}

function withProgram(
  examination: Examination,
  { offline }: DoctorOptions,
  { env, version }: CliPorts,
): Examination {
  const own = programChecks({ version, node: process.version, env, now: () => new Date() });
  const left: Check['look'] = () =>
    Promise.resolve([
      skipped({ area: 'hosts', subject: 'network' }, 'nothing was asked over it (--offline).'),
    ]);
  const network: Check = { area: 'hosts', subject: 'network', look: left };
  return { ...examination, checks: [...own, ...examination.checks, ...(offline === true ? [network] : [])] };
}

async function onBotHost(file: string, { offline }: DoctorOptions, ports: CliPorts): Promise<Examination> {
  if (!existsSync(file))
    throw new ProblemError({
      code: 'input-missing',
      message: `There is no configuration at ${file}.`,
      hint: 'Name it with --config, or a checkout with --repository.',
    });
  return ports.openBotDoctor(file, { offline: offline === true });
}

/** A checkout and the variables of a job: what the command line itself works with. */
async function inCheckout(
  options: DoctorOptions,
  ports: CliPorts,
  signal: AbortSignal,
): Promise<Examination> {
  const directory = repositoryDirectory(options, ports);
  if (!existsSync(join(directory, inventoryFile)))
    throw new ProblemError({
      ...{ code: 'input-missing', message: `There is neither bot.yml nor ${inventoryFile} in ${directory}.` },
      hint: 'Name the bot’s configuration with --config, or a folder with definitions with --repository.',
    });
  const tree = await ports.createWorkingTree(directory, signal);
  const environment = environmentOf(options, ports);
  const name = basename(directory);
  const { fleet, problems } = loadDefinitions(tree, {
    name,
    environment,
    place: placeOf(options, { environment, paths: tree.paths }),
  });
  const variables = variableFindings(ports);
  // Secrets cannot be opened where their folder is not one; that is a finding, and no reason to look at nothing.
  const opens = !variables.some(({ subject, state }) => subject === 'SENTINEL_SECRETS' && state === 'wrong');
  const live = opens ? await ports.openLive() : null;
  const place = live === null ? null : { name, fleet, ports: live.ports };
  const look = (): readonly Finding[] => [
    ...variables,
    ...(filled(ports.env['SENTINEL_SSH_KEY']) === undefined ? [noKey] : []),
    ...(place === null ? [] : definitionFindings(place, problems)),
  ];
  const around = place === null || options.offline === true ? [] : aroundChecks([place]);
  return {
    checks: [{ area: 'configuration', subject: name, look: () => Promise.resolve().then(look) }],
    more: () => around,
    redact: (text) => live?.ports.secrets.redact(text) ?? text,
    close: async () => live?.close(),
  };
}

const noKey = wrong(
  { area: 'configuration', subject: 'SENTINEL_SSH_KEY' },
  'is not set, so no host or system can be asked.',
  'Set it to the file of the private key; in GitLab a variable of the type File gives one.',
);
