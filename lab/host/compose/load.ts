import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { checkDocument, isMapping, type Mapping } from './check.ts';
import { ComposeError, invalidFile, missingFile } from './compose-error.ts';
import { parseDotenv } from './dotenv.ts';
import { dependenciesOf, healthOf, portsOf, volumesOf } from './forms.ts';
import { interpolate, type Yaml } from './interpolate.ts';
import type { ComposeService, Project, Resource } from './model.ts';
import { booleanOf, durationOf, listOf, mappingOf, pairsOf, textOf, wordsOf } from './values.ts';

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

const known = new Set(
  `image build container_name command entrypoint environment env_file labels ports volumes networks network_mode
  depends_on restart healthcheck stop_grace_period init privileged pull_policy profiles`.split(/\s+/),
);

interface Place {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

function serviceOf(name: string, entry: Mapping, place: Place): ComposeService {
  const { directory } = place;
  const image = textOf(entry['image']);
  const build = entry['build'] !== undefined;
  if (image === '' && !build)
    throw invalidFile(
      `service "${name}" has neither an image nor a build context specified: invalid compose project`,
    );
  const networkMode = textOf(entry['network_mode']);
  const networks = isMapping(entry['networks'])
    ? Object.keys(entry['networks'])
    : listOf(entry['networks']).map(textOf);
  return {
    name,
    image,
    build,
    containerName: entry['container_name'] === undefined ? undefined : textOf(entry['container_name']),
    command: wordsOf(entry['command']),
    entrypoint: wordsOf(entry['entrypoint']),
    environment: environmentOf(entry, place),
    labels: Object.fromEntries(pairsOf(entry['labels']).map(([key, value]) => [key, value ?? ''])),
    ports: portsOf(entry['ports']),
    volumes: volumesOf(entry['volumes'], directory),
    networks: networkMode !== '' ? [] : networks.length > 0 ? networks : ['default'],
    networkMode: networkMode === '' ? undefined : networkMode,
    dependsOn: dependenciesOf(entry['depends_on']),
    restart: entry['restart'] === undefined ? undefined : textOf(entry['restart']),
    healthcheck: healthOf(entry['healthcheck'], `services.${name}.healthcheck`),
    stopGraceMs: durationOf(entry['stop_grace_period'], `services.${name}.stop_grace_period`),
    init: booleanOf(entry['init']),
    privileged: booleanOf(entry['privileged']),
    pullPolicy: entry['pull_policy'] === undefined ? undefined : textOf(entry['pull_policy']),
    profiles: listOf(entry['profiles']).map(textOf),
    rest: Object.fromEntries(
      Object.entries(entry).filter(([key]) => !known.has(key) && !key.startsWith('x-')),
    ),
  };
}

function environmentOf(entry: Mapping, { directory, env }: Place): Record<string, string> {
  const values: Record<string, string> = {};
  for (const item of listOf(entry['env_file'])) {
    const path = resolve(directory, isMapping(item) ? textOf(item['path']) : textOf(item));
    const optional = isMapping(item) && item['required'] === false;
    if (!existsSync(path)) {
      if (optional) continue;
      throw missingFile(`env file ${path} not found: stat ${path}: no such file or directory`);
    }
    Object.assign(values, parseDotenv(readFileSync(path, 'utf8'), path, { ...env, ...values }));
  }
  for (const [key, value] of pairsOf(entry['environment'])) {
    const chosen = value ?? env[key];
    if (chosen !== undefined) values[key] = chosen;
  }
  return values;
}

function checkReferences(
  services: readonly ComposeService[],
  networks: Readonly<Record<string, Resource>>,
  volumes: Readonly<Record<string, Resource>>,
): void {
  const names = new Set(services.map(({ name }) => name));
  const invalid = (words: string) => invalidFile(`${words}: invalid compose project`);
  for (const service of services) {
    for (const { service: other, required } of service.dependsOn)
      if (required && !names.has(other))
        throw invalid(`service "${service.name}" depends on undefined service "${other}"`);
    for (const network of service.networks)
      if (!(network in networks))
        throw invalid(`service "${service.name}" refers to undefined network ${network}`);
    for (const { type, source } of service.volumes)
      if (type === 'volume' && source !== '' && !(source in volumes))
        throw invalid(`service "${service.name}" refers to undefined volume ${source}`);
  }
  refuseCycle(services);
}

function refuseCycle(services: readonly ComposeService[]): void {
  const byName = new Map(services.map((one) => [one.name, one]));
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name))
      throw invalidFile(
        `dependency cycle detected: ${[...trail.slice(trail.indexOf(name)), name].join(' -> ')}`,
      );
    for (const { service } of byName.get(name)?.dependsOn ?? []) visit(service, [...trail, name]);
  };
  for (const { name } of services) visit(name, []);
}
