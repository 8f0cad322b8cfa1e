import { at, type Locate, type Parsed, type ServiceFile } from '../../schema/index.ts';
import type { Checks, Container, EnvValue, Service } from '../types.ts';
import { aroundOf } from './around.ts';
import { hostnamesOf } from './around-input.ts';
import type { Definition } from './definition.ts';
import type { DefinitionFiles } from './layout.ts';
import type { ServiceDefaults, Surroundings } from './read-inventory.ts';
import { sha256 } from '../digest.ts';

/** Everything both layouts need to make a definition of a service file. */
export interface DefinitionInput {
  readonly parsed: Extract<Parsed<ServiceFile>, { readonly ok: true }>;
  readonly files: DefinitionFiles;
  /** Text of every file that belongs to it, by path in the repository. */
  readonly texts: Readonly<Record<string, string>>;
  /** Those of them that are programs. */
  readonly executable: readonly string[];
  readonly surroundings: Surroundings;
}
/** What differs between the layouts. */
export interface Content {
  readonly layout: Service['layout'];
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, EnvValue>>;
  readonly containers: readonly Container[];
  /** Where each port is published, by `tcp/3030`. */
  readonly ports: Readonly<Record<string, string>>;
}

/** Where the service is installed on its host. */
export function installPathOf({ parsed, surroundings }: DefinitionInput): string {
  const { service, deployment } = parsed.value;
  return (
    deployment.install_path ??
    `${installRootOf({ parsed, surroundings }).replace(/\/+$/, '')}/${service.name}`
  );
}

/** Where services of its host are installed unless they say otherwise. */
export function installRootOf({
  parsed,
  surroundings,
}: Pick<DefinitionInput, 'parsed' | 'surroundings'>): string {
  const { inventory, defaults } = surroundings;
  return inventory.hosts[parsed.value.deployment.target_host]?.installRoot ?? defaults.installRoot;
}

/** A definition with all defaults filled in. */
export function normalise(input: DefinitionInput, content: Content): Definition {
  const { parsed, files, surroundings } = input;
  const { value: file, locate } = parsed;
  const { ports, ...rest } = content;
  const { inventory, defaults } = surroundings;
  const checks = checksOf(file, defaults);
  const category = file.service.category ?? files.category ?? 'other';
  return {
    service: {
      ...rest,
      name: file.service.name,
      displayName: file.service.display_name ?? file.service.name,
      category,
      file: files.file,
      source: fingerprint(input),
      ...programs(input),
      host: file.deployment.target_host,
      installPath: installPathOf(input),
      checks,
      dependsOn: otherServices(file),
      ...aroundOf({
        ...{ file, inventory, category },
        defaults: defaults.systems,
        endpoint: checks.http?.path ?? null,
      }),
    },
    places: { ...placesOf(file, locate), ports },
    hostnames: namedHosts(file, locate, inventory),
  };
}

/** Files Compose reads are no programs, whatever their mode. */
function programs({ files, executable }: DefinitionInput): Pick<Service, 'executable'> {
  const names = Object.entries(files.uploads).flatMap(([name, path]) =>
    name !== 'docker-compose.yml' && executable.includes(path) ? [name] : [],
  );
  return names.length === 0 ? {} : { executable: names };
}

function fingerprint({ texts, executable }: DefinitionInput): string {
  const parts = Object.entries(texts).map(
    ([path, text]) => [path, sha256(text), ...(executable.includes(path) ? ['+x'] : [])] as const,
  );
  return sha256(JSON.stringify(parts.sort(([a], [b]) => (a < b ? -1 : 1))));
}

function checksOf(
  { deployment: { port, healthcheck = {} } }: ServiceFile,
  defaults: ServiceDefaults,
): Checks {
  const { endpoint, expected_status = [200] } = healthcheck;
  const asked = healthcheck.port ?? port;
  const wanted = healthcheck.enabled !== false && endpoint !== undefined && asked !== null;
  return {
    port,
    http: wanted ? { port: asked, path: endpoint, expect: [expected_status].flat() } : null,
    interval: healthcheck.interval ?? defaults.checks.interval,
    timeout: healthcheck.timeout ?? defaults.checks.timeout,
    retries: healthcheck.retries ?? defaults.checks.retries,
    settle: healthcheck.settle ?? defaults.checks.settle,
  };
}

/** Of what a definition depends on, the services that are not its own containers. */
function otherServices({ service, deployment }: ServiceFile): readonly string[] {
  const extra = deployment.containers ?? {};
  const named = [deployment, ...Object.values(extra)].flatMap(({ depends_on = [] }) => depends_on);
  return [...new Set(named)].filter((name) => name !== service.name && !(name in extra));
}

function placesOf({ deployment }: ServiceFile, locate: Locate): Omit<Definition['places'], 'ports'> {
  const dependsOn: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  const containers = Object.entries(deployment.containers ?? {}).map(
    ([name, settings]) => [['deployment', 'containers', name], settings] as const,
  );
  for (const [path, settings] of [[['deployment'], deployment] as const, ...containers]) {
    for (const [index, name] of (settings.depends_on ?? []).entries())
      dependsOn[name] ??= at(locate([...path, 'depends_on', index]));
    for (const [index, { name, source = name }] of (settings.secrets ?? []).entries())
      secrets[source] ??= at(locate([...path, 'secrets', index, 'source']));
  }
  return {
    name: at(locate(['service', 'name'])),
    path: at(locate(['deployment', 'install_path'])),
    host: at(locate(['deployment', 'target_host'])),
    slug: at(locate(['authentik', 'slug'])),
    sections: Object.fromEntries(
      (['traefik', 'dns', 'authentik', 'glance', 'notifications'] as const).map((name) => [
        name,
        at(locate([name])),
      ]),
    ),
    dependsOn,
    secrets,
  };
}

/** A route and a record of one service normally share their name; it is listed once. */
function namedHosts(
  file: ServiceFile,
  locate: Locate,
  inventory: DefinitionInput['surroundings']['inventory'],
): Definition['hostnames'] {
  const { route, record } = hostnamesOf({ file, inventory });
  const found = new Map<string, string>();
  if (route !== null) found.set(route, at(locate(['traefik', 'subdomain'])));
  if (record !== null && !found.has(record)) found.set(record, at(locate(['dns', 'hostname'])));
  return [...found].map(([name, where]) => ({ name, where }));
}
