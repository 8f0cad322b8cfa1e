import { Argument, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readServiceName } from '../../../schema/index.ts';
import { definitionsAmong, usualPlace } from '../../definitions/definition-paths.ts';
import { layoutOf } from '../../definitions/environment-place.ts';
import { exitCodes, type CliPorts } from '../ports.ts';
import { renderProblems } from '../print.ts';
import { usageError, type Run } from '../run.ts';
import { compareFiles } from './compare.ts';
import { filesOf, type InitKind } from './files.ts';
import { addInitService } from './init-service.ts';
import { nextSteps } from './next-steps.ts';
import { writeFiles } from './write.ts';

interface InitOptions {
  readonly directory: string;
  readonly templates: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `sentinel init`: the pipeline, an example, the schemas and sentinel.yml, into a new or existing repository. */
export function addInit(program: Command, ports: CliPorts, run: Run): void {
  const init = program
    .command('init')
    .description('write the pipeline and what else a repository of services needs; never over a file unasked')
    .addArgument(
      new Argument(
        '[kind]',
        'fleet: many services; single: one service; templates: what single ones include',
      ).choices(['fleet', 'single', 'templates']),
    )
    .option('--directory <dir>', 'where to write', '.')
    .option(
      '--templates <project>',
      'GitLab project a single repository includes',
      'homelab/gitops-templates',
    )
    .option('--force', 'write over files that differ, without asking')
    .option('--dry-run', 'only show what would be written')
    .action((kind: InitKind | undefined, options: InitOptions) =>
      run((signal) => initialise(kind, options, { ports, signal })),
    );
  addInitService(init, ports, run);
}

async function initialise(
  given: InitKind | undefined,
  options: InitOptions,
  { ports, signal }: { readonly ports: CliPorts; readonly signal: AbortSignal },
): Promise<number> {
  const { templates, force = false, dryRun = false } = options;
  if (!/^[\w.-]+(?:\/[\w.-]+)+$/.test(templates))
    throw usageError(
      `--templates ${templates} is no path of a GitLab project, such as homelab/gitops-templates`,
    );
  const directory = resolve(ports.directory, options.directory);
  const tree = existsSync(directory) ? await ports.createWorkingTree(directory, signal) : null;
  const paths = tree?.paths ?? [];
  const kind = given ?? layoutOf(paths);
  const found = kind === 'templates' ? [] : definitionsAmong(paths, usualPlace(kind));
  const text = kind === 'single' && found[0] !== undefined ? tree?.read(found[0]) : undefined;
  const service = text === undefined ? null : (readServiceName(text) ?? null);
  const files = filesOf({ kind, templates, service, hasDefinitions: found.length > 0 });
  const compared = compareFiles(directory, files);
  const problems = await writeFiles(compared, { directory, force, dryRun }, ports);
  if (problems.length > 0) {
    ports.err(renderProblems(problems, ports));
    return exitCodes.problems;
  }
  if (compared.some(({ state }) => state === 'new' || state === 'differs')) ports.out(nextSteps(kind));
  return exitCodes.ok;
}
