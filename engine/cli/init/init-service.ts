import { Option, type Command } from 'commander';
import { basename, resolve } from 'node:path';
import { parseSentinelFile, parseServiceFile } from '../../../schema/index.ts';
import { schemaToProblem } from '../../definitions/fault.ts';
import { inventoryFile, usualPlace, type DefinitionPlace } from '../../definitions/definition-paths.ts';
import { layoutOf } from '../../definitions/environment-place.ts';
import type { Tree } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import { exitCodes, type CliPorts } from '../ports.ts';
import { renderProblems } from '../print.ts';
import { loadDefinitions } from '../repository-options.ts';
import type { Run } from '../run.ts';
import { compareFiles } from './compare.ts';
import { schemaFolder, type InitFile } from './files.ts';
import { answersOf, type Offered, type ServiceOptions } from './service-answers.ts';
import { serviceFiles } from './service-text.ts';
import { writeFiles } from './write.ts';

/** `sentinel init service`: asks, or takes options, and writes one definition that is valid among the others. */
export function addInitService(init: Command, ports: CliPorts, run: Run): void {
  init
    .command('service')
    .description('ask about a service and write its definition; every question has an option')
    .option('--directory <dir>', 'the repository (default: the current folder)', '.')
    .addOption(
      new Option('--layout <layout>', 'how it is laid out (default: told from its files)').choices([
        'fleet',
        'single',
      ]),
    )
    .option('--name <name>', 'unique name')
    .option('--display-name <name>', 'name for people')
    .option('--description <text>', 'what it is for')
    .option('--category <category>', 'what kind of service it is; its folder in the fleet layout')
    .option('--host <host>', 'a host of sentinel.yml')
    .option('--image <image>', 'image with its tag')
    .option('--port <port>', 'port on the host, or none')
    .option('--container-port <port>', 'port in the container, where it is another one')
    .option('--health <path>', 'path asked to know that it works, or none')
    .option('--subdomain <name>', 'name below the domain it is reached by, or none')
    .option('--sso', 'people must log in to reach it')
    .option('--no-sso', 'they need not')
    .option('--dashboard', 'show it on the dashboard')
    .option('--no-dashboard', 'do not')
    .action((options: ServiceOptions) => run((signal) => initialiseService(options, ports, signal)));
}

async function initialiseService(
  options: ServiceOptions,
  ports: CliPorts,
  signal: AbortSignal,
): Promise<number> {
  const directory = resolve(ports.directory, options.directory);
  const tree = await ports.createWorkingTree(directory, signal);
  const place = usualPlace(options.layout ?? layoutOf(tree.paths));
  const answers = await answersOf(options, offeredBy(tree), ports.ask);
  const hasSchema = tree.paths.includes(`${schemaFolder}/service-schema.json`);
  const files = serviceFiles(answers, { ...place, hasSchema });
  const compared = compareFiles(directory, files);
  const problems = [
    ...compared.filter(({ state, starter }) => state !== 'new' && !starter).map(isThere),
    ...invalid(files, place),
    ...newProblems(tree, files, { place, name: basename(directory) }),
  ];
  if (problems.length > 0) {
    ports.err(renderProblems(problems, ports));
    ports.err('Nothing was written.\n');
    return exitCodes.problems;
  }
  await writeFiles(compared, { directory, force: false, dryRun: false }, ports);
  ports.out('\nLook at it with “sentinel validate” and “sentinel plan”, then commit it.\n');
  return exitCodes.ok;
}

/** What the questions can offer; a file that cannot be read offers nothing, and validation tells why. */
function offeredBy(tree: Tree): Offered {
  const text = tree.read(inventoryFile);
  const parsed = text === undefined ? null : parseSentinelFile(text, inventoryFile);
  if (parsed?.ok !== true) return { hosts: [], domain: null, signOn: false, dashboard: false };
  const { hosts, domain, systems } = parsed.value;
  return {
    hosts: Object.entries(hosts).map(([value, { address, purpose }]) => ({
      value,
      hint: purpose ?? address,
    })),
    domain: domain ?? null,
    signOn: systems?.authentik !== undefined,
    dashboard: systems?.glance !== undefined,
  };
}

function isThere({ path }: InitFile): Problem {
  return {
    code: 'file-exists',
    message: `${path} is there already and was not written over.`,
    where: path,
    hint: 'Change it by hand, or take another name.',
  };
}

function invalid(files: readonly InitFile[], { layout }: DefinitionPlace): readonly Problem[] {
  const [definition] = files;
  const parsed =
    definition === undefined ? null : parseServiceFile(definition.text, definition.path, { layout });
  return parsed === null || parsed.ok
    ? []
    : parsed.problems.map((problem) => schemaToProblem(problem, 'definition-invalid'));
}

/** Clashes with other services, hosts nobody has: what the repository would complain about only with this file in it. */
function newProblems(
  tree: Tree,
  files: readonly InitFile[],
  { place, name }: { readonly place: DefinitionPlace; readonly name: string },
): readonly Problem[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  if (invalid(files, place).length > 0 || tree.paths.some((path) => path === files[0]?.path)) return [];
  const together: Tree = {
    ...tree,
    paths: [...new Set([...tree.paths, ...texts.keys()])].sort(),
    blob: (path) => tree.blob(path),
    executable: (path) => tree.executable(path),
    read: (path) => tree.read(path) ?? texts.get(path),
  };
  const problemsOf = (each: Tree): readonly Problem[] =>
    loadDefinitions(each, { name, place, environment: 'production' }).problems;
  const before = new Set(problemsOf(tree).map(({ message, where }) => `${where} ${message}`));
  return problemsOf(together).filter(({ message, where }) => !before.has(`${where} ${message}`));
}
