import { Option, type Command } from 'commander';
import { resolve } from 'node:path';
import { createSource } from '../definitions/index.ts';
import type { Repository, Source, Tree } from '../ports.ts';
import { ProblemError } from '../problems.ts';
import { definitionsAmong, type DefinitionPlace } from '../definitions/definition-paths.ts';
import { layoutIn, placeIn } from '../definitions/environment-place.ts';
import type { Checkout } from '../providers/git/checkout.ts';
import type { Layout } from '../types.ts';
import type { CliPorts } from './ports.ts';

export interface RepositoryOptions {
  readonly repository?: string;
  readonly layout?: Layout;
  readonly services?: string;
  readonly environment?: string;
}

/** The options every command that reads definitions has. */
export function withRepositoryOptions(command: Command): Command {
  return command
    .option(
      '--repository <dir>',
      'folder with the definitions (default: $CI_PROJECT_DIR, or the current folder)',
    )
    .addOption(
      new Option(
        '--layout <layout>',
        'how the repository is laid out (default: told from its files)',
      ).choices(['fleet', 'single']),
    )
    .option('--services <dir>', 'folder in it with the service files (default: services, or the top)')
    .option(
      '--environment <name>',
      'environment the definitions are read for (default: $SENTINEL_ENVIRONMENT, or production)',
    );
}

export function repositoryDirectory({ repository }: RepositoryOptions, { env, directory }: CliPorts): string {
  return resolve(directory, repository ?? env['CI_PROJECT_DIR'] ?? '.');
}

export function environmentOf({ environment }: RepositoryOptions, { env }: Pick<CliPorts, 'env'>): string {
  return environment ?? filled(env['SENTINEL_ENVIRONMENT']) ?? 'production';
}

/** In CI an empty variable is one nobody set. */
export function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** Where the definitions of one environment are. `before`: the paths of the commit before, for what is gone with its whole folder. */
export function placeOf(
  options: RepositoryOptions,
  {
    environment,
    paths,
    before = [],
  }: {
    readonly environment: string;
    readonly paths: readonly string[];
    readonly before?: readonly string[];
  },
): DefinitionPlace {
  const now = placeAmong(options, environment, paths);
  if (before.length === 0 || definitionsAmong(paths, now).length > 0) return now;
  const then = placeAmong(options, environment, before);
  return definitionsAmong(before, then).length > 0 ? then : now;
}

function placeAmong(
  { layout, services }: RepositoryOptions,
  environment: string,
  paths: readonly string[],
): DefinitionPlace {
  const named = services?.replace(/^\.\/|\/+$/g, '');
  return placeIn(paths, environment, {
    layout: layout ?? layoutIn(paths),
    ...(named === undefined ? {} : { servicesPath: named === '.' ? '' : named }),
  });
}

/** Reads trees of this repository as services; everything that needs a remote is out of reach. */
export function folderSource(
  name: string,
  { layout, servicesPath }: DefinitionPlace,
  checkout?: Pick<Checkout, 'tree'>,
): Source {
  const repository = withoutRemote(name);
  return createSource({
    repository: checkout === undefined ? repository : { ...repository, tree: checkout.tree },
    layout,
    ...(servicesPath === undefined ? {} : { servicesPath }),
  });
}

export function loadDefinitions(
  tree: Tree,
  {
    name,
    place,
    environment,
  }: { readonly name: string; readonly place: DefinitionPlace; readonly environment: string },
): ReturnType<Source['load']> {
  return folderSource(name, place).load(tree, environment);
}

/** A checkout is read, never written: what lands in Git goes through the bot's own mirror. */
function withoutRemote(name: string): Repository {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new ProblemError({
        code: 'repository-unreachable',
        message: `The checkout of ${name} can only be read.`,
      }),
    );
  return {
    name,
    resolve: refuse,
    tree: refuse,
    info: refuse,
    diff: refuse,
    commit: refuse,
    publish: refuse,
    offer: refuse,
    withdraw: refuse,
  };
}
