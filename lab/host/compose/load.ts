import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { checkDocument, isMapping, type Mapping } from './check.ts';
import { ComposeError, invalidFile, missingFile } from './compose-error.ts';
import { parseDotenv } from './dotenv.ts';
import { interpolate, type Yaml } from './interpolate.ts';
import type { Project, Resource } from './model.ts';
import { checkReferences } from './references.ts';
import { serviceOf } from './service.ts';
import { booleanOf, listOf, mappingOf, textOf } from './values.ts';

/** What the global options of the command line say. */
export interface LoadOptions {
  readonly cwd: string;
  readonly files: readonly string[];
  readonly directory: string | undefined;
  readonly name: string | undefined;
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly warn: (message: string) => void;
}

const defaultFiles = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

/** Reads and resolves a project the way `docker compose` does, and refuses what it refuses. */
export function loadProject(options: LoadOptions): Project {
  const files = findFiles(options);
  const directory = resolve(options.cwd, options.directory ?? dirname(files[0] ?? options.cwd));
  const variables = { values: readVariables(options, directory), warn: warnOnce(options.warn) };
  const documents = files.map((file) => readDocument(file));
  let merged: Mapping = {};
  for (const [index, document] of documents.entries()) {
    const resolved = interpolate(document, variables);
    checkDocument(resolved, files[index] ?? '');
    merged = mergeMappings(merged, resolved);
  }
  const name = projectName(options, merged, directory);
  const networks = resourcesOf(merged['networks'], name, true);
  const volumes = resourcesOf(merged['volumes'], name, false);
  const services = Object.entries(mappingOf(merged['services'])).map(([service, entry]) =>
    serviceOf(service, mappingOf(entry), { directory, env: variables.values }),
  );
  checkReferences(services, networks, volumes);
  const used = (kind: 'networks' | 'volumes') =>
    new Set(
      services.flatMap((one) =>
        kind === 'networks' ? one.networks : one.volumes.map(({ source }) => source),
      ),
    );
  return {
    name,
    directory,
    files,
    services: services.filter(
      ({ profiles }) => profiles.length === 0 || profiles.some((one) => options.profiles.includes(one)),
    ),
    networks: keep(networks, used('networks')),
    volumes,
    extensions: Object.fromEntries(Object.entries(merged).filter(([key]) => key.startsWith('x-'))),
  };
}

function findFiles({ files, cwd, directory, env }: LoadOptions): readonly string[] {
  const named = files.length > 0 ? files : (env['COMPOSE_FILE']?.split(':') ?? []);
  if (named.length > 0) {
    const paths = named.map((file) => resolve(cwd, file));
    const missing = paths.find((path) => !existsSync(path));
    if (missing !== undefined) throw missingFile(`open ${missing}: no such file or directory`);
    return paths;
  }
  const where = resolve(cwd, directory ?? '.');
  const found = defaultFiles.map((file) => join(where, file)).find((path) => existsSync(path));
  if (found === undefined) throw missingFile('no configuration file provided: not found');
  return [found];
}

function readVariables({ envFiles, cwd, env }: LoadOptions, directory: string): Record<string, string> {
  const explicit = envFiles.map((file) => resolve(cwd, file));
  const missing = explicit.find((file) => !existsSync(file));
  if (missing !== undefined) throw missingFile(`couldn't find env file: ${missing}`);
  const standard = join(directory, '.env');
  const paths = explicit.length > 0 ? explicit : existsSync(standard) ? [standard] : [];
  const values: Record<string, string> = {};
  for (const path of paths) Object.assign(values, parseDotenv(readFileSync(path, 'utf8'), path, env));
  return { ...values, ...env };
}

function warnOnce(warn: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (!said.has(message)) warn(message);
    said.add(message);
  };
}

function readDocument(file: string): Yaml {
  const document = parseDocument(readFileSync(file, 'utf8'), { merge: true, prettyErrors: true });
  const error = document.errors[0];
  if (error)
    throw invalidFile(`yaml: line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0] ?? ''}`);
  const value: unknown = document.toJS();
  if (value === null) throw invalidFile('empty compose file');
  return value as Yaml; // what a YAML parser returns
}

function mergeMappings(base: Mapping, over: Mapping): Mapping {
  const merged: Record<string, Yaml> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    if (isMapping(before) && isMapping(value)) merged[key] = mergeMappings(before, value);
    else if (Array.isArray(before) && Array.isArray(value) && key !== 'command')
      merged[key] = [...listOf(before), ...listOf(value)];
    else merged[key] = value;
  }
  return merged;
}

function projectName({ name, env }: LoadOptions, document: Mapping, directory: string): string {
  const written = textOf(document['name']);
  const chosen = name ?? env['COMPOSE_PROJECT_NAME'] ?? (written === '' ? undefined : written);
  if (chosen === undefined)
    return basename(directory)
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '')
      .replace(/^[_-]+/, '');
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(chosen))
    throw new ComposeError(
      1,
      `invalid project name "${chosen}": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
    );
  return chosen;
}

function resourcesOf(
  value: Yaml | undefined,
  project: string,
  withDefault: boolean,
): Record<string, Resource> {
  const entries = { ...(withDefault ? { default: null } : {}), ...mappingOf(value) };
  return Object.fromEntries(
    Object.entries(entries).map(([key, entry]) => {
      const terms = mappingOf(entry);
      const external = booleanOf(terms['external']);
      const name = textOf(terms['name']);
      return [key, { external, name: name !== '' ? name : external ? key : `${project}_${key}` }];
    }),
  );
}

const keep = (resources: Record<string, Resource>, used: ReadonlySet<string>) =>
  Object.fromEntries(Object.entries(resources).filter(([key]) => used.has(key)));
