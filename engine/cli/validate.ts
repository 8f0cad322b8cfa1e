import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { parseChangesFile } from '../../schema/index.ts';
import { checkSecrets, inventoryFile, missingSystems, type Warning } from '../definitions/index.ts';
import type { Problem } from '../problems.ts';
import type { Service } from '../types.ts';
import { definitionsAmong, type DefinitionPlace } from '../definitions/definition-paths.ts';
import { outHelp, readOutFile } from './files.ts';
import { junitHelp, writeJunit, type Case, type JunitOptions } from './junit.ts';
import type { CliPorts } from './ports.ts';
import { exitCodes } from './ports.ts';
import { count, paint, renderProblems, renderWarnings } from './print.ts';
import {
  environmentOf,
  filled,
  loadDefinitions,
  placeOf,
  repositoryDirectory,
  withRepositoryOptions,
} from './repository-options.ts';
import type { Run } from './run.ts';
import { usageError } from './run.ts';

interface ValidateOptions extends JunitOptions {
  readonly json?: boolean;
  readonly checkSecrets?: boolean;
}

/** `sentinel validate`: the files as they are on disk, committed or not. */
export function addValidate(program: Command, ports: CliPorts, run: Run): void {
  withRepositoryOptions(
    program
      .command('validate')
      .description('check service files and sentinel.yml as they are on disk')
      .argument('[paths...]', 'show only problems of these files or folders; the whole fleet is read anyway'),
  )
    .option('--check-secrets', 'also require a value in the environment for every secret a definition names')
    .option('--out <dir>', outHelp)
    .option('--junit <file>', junitHelp)
    .option('--json', 'print the result as JSON')
    .action((paths: string[], options: ValidateOptions) =>
      run((signal) => validate(paths, options, { ports, signal })),
    );
}

async function validate(
  paths: readonly string[],
  options: ValidateOptions,
  { ports, signal }: { readonly ports: CliPorts; readonly signal: AbortSignal },
): Promise<number> {
  const directory = repositoryDirectory(options, ports);
  if (!existsSync(directory)) throw usageError(`${directory} does not exist`);
  const wanted = paths.map((path) => insideOf(directory, resolve(ports.directory, path), path));
  const tree = await ports.createWorkingTree(directory, signal);
  const environment = environmentOf(options, ports);
  const place = placeOf(options, { environment, paths: tree.paths });
  checkFolder(options, { place, directory, paths: tree.paths });
  const { fleet, problems: found } = loadDefinitions(tree, {
    name: basename(directory),
    place,
    environment,
  });
  const missing =
    options.checkSecrets === true
      ? checkSecrets(fleet.services, (name) => (ports.env[name] ?? '') !== '')
      : [];
  const empty = definitionsAmong(tree.paths, place).length === 0;
  const none = empty && !(await lastWasRemoved(options, ports)) ? [nothingFound(place)] : [];
  const problems = [...none, ...found, ...missing].filter((problem) => concerns(problem, wanted));
  const services = fleet.services.filter(
    ({ file }) => wanted.length === 0 || wanted.some((path) => isIn(file, path)),
  );
  print({ services, problems, warnings: missingSystems(services, fleet.inventory) }, options, ports);
  await writeJunit(options, ports, casesOf(services, problems));
  return problems.length > 0 ? exitCodes.problems : exitCodes.ok;
}

/** Nothing is left where this very commit removed the last service, and that is as it should be. */
async function lastWasRemoved(options: ValidateOptions, ports: CliPorts): Promise<boolean> {
  const text = await readOutFile(options, ports, 'changes.json');
  const parsed = text === undefined ? null : parseChangesFile(text, 'changes.json');
  if (parsed?.ok !== true) return false;
  const { remove, head } = parsed.value;
  return remove.length > 0 && head === filled(ports.env['CI_COMMIT_SHA']);
}

/** A case for each service that is fine, and one for each problem, at its place. */
function casesOf(services: readonly Service[], problems: readonly Problem[]): readonly Case[] {
  const suite = 'sentinel validate';
  const broken = new Set(problems.map(({ where = '' }) => fileOf(where)));
  return [
    ...services
      .filter(({ file }) => !broken.has(file))
      .map(({ name, file }): Case => ({ suite, name, file, status: 'passed', detail: '' })),
    ...problems.map(({ code, message, where = '', hint = '' }): Case => {
      const detail = [where, message, hint].filter((text) => text !== '').join('\n');
      const file = fileOf(where);
      const name = `${where === '' ? code : where} ${message}`;
      return { suite, name, ...(file === '' ? {} : { file }), status: 'failed', detail };
    }),
  ];
}

interface Outcome {
  readonly services: readonly Service[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

function print({ services, problems, warnings }: Outcome, options: ValidateOptions, ports: CliPorts): void {
  const { color, out, err } = ports;
  if (options.json === true) {
    const names = services.map(({ name, file }) => ({ name, file }));
    const result = { ok: problems.length === 0, services: names, problems, warnings };
    out(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  out(renderProblems(problems, ports) + renderWarnings(warnings, ports));
  if (problems.length > 0) err(`${paint(color, 'red', count(problems.length, 'problem'))}\n`);
  else out(`${paint(color, 'green', 'valid')}  ${count(services.length, 'service')}\n`);
}

function checkFolder(
  { services }: ValidateOptions,
  at: { readonly place: DefinitionPlace; readonly directory: string; readonly paths: readonly string[] },
): void {
  const { root } = at.place;
  if (services === undefined || root === '' || at.paths.some((path) => path.startsWith(`${root}/`))) return;
  throw usageError(`there is no folder ${root} in ${at.directory}, or no file in it`);
}

function nothingFound({ layout, root }: DefinitionPlace): Problem {
  return {
    code: 'service-unknown',
    message:
      layout === 'single'
        ? 'There is no service.yml.'
        : `No service file was found in ${root === '' ? 'the top folder' : `${root}/`}.`,
    hint: 'Name the folder with --services, or the kind of repository with --layout.',
  };
}

/** A problem of the inventory concerns everybody, and a clash both files it names. */
function concerns({ where = '', message }: Problem, wanted: readonly string[]): boolean {
  const file = fileOf(where);
  if (wanted.length === 0 || file === '' || file === inventoryFile) return true;
  return wanted.some(
    (path) => isIn(file, path) || message.includes(`${path}:`) || message.includes(`${path}/`),
  );
}

function fileOf(where: string): string {
  return where.replace(/(?::\d+){1,2}$/, '');
}

function isIn(file: string, path: string): boolean {
  return path === '' || file === path || file.startsWith(`${path}/`);
}

function insideOf(directory: string, path: string, given: string): string {
  if (!existsSync(path)) throw usageError(`${given} does not exist`);
  const inside = relative(directory, path).split('\\').join('/');
  if (inside.startsWith('..')) throw usageError(`${given} is not in ${directory}`);
  return inside;
}
