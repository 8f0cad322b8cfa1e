import { Document, isMap, isScalar, visit } from 'yaml';
import type {
  ComposeFile,
  ContainerHealthcheck,
  ContainerSettings,
  ServiceFile,
} from '../../schema/index.ts';
import type { EnvValue } from '../types.ts';
import { mounts, volumeDeclarations } from './generate-mounts.ts';
import { joined, networkDeclarations } from './generate-networks.ts';
import { envKeys } from './env-keys.ts';

export interface GenerateOptions {
  /** Where the definition is, for the comment at the top. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly restart: string;
}
export interface Generated {
  readonly value: ComposeFile;
  readonly text: string;
  /** What the `.env` must hold, so that `${NAME}` in the text gets its value. */
  readonly env: Readonly<Record<string, EnvValue>>;
}

/** Settings whose name and shape are compose's own, in the order they are written. */
const plain = [
  'platform', 'pull_policy', 'hostname', 'network_mode', 'user', 'group_add', 'entrypoint', 'command', 'working_dir',
  'init', 'privileged', 'read_only', 'cap_add', 'cap_drop', 'security_opt', 'devices', 'gpus', 'runtime', 'pid', 'ipc',
  'shm_size', 'tmpfs', 'sysctls', 'ulimits', 'mem_limit', 'cpus', 'dns', 'extra_hosts', 'stop_grace_period',
  'stop_signal', 'logging',
] as const satisfies readonly (keyof ContainerSettings)[]; // prettier-ignore

/** The compose file of a definition in the fleet layout; the same definition always gives the same bytes. */
export function generateCompose(file: ServiceFile, options: GenerateOptions): Generated {
  const { service, deployment } = file;
  const all: readonly (readonly [string, ContainerSettings])[] = [
    [service.name, deployment],
    ...Object.entries(deployment.containers ?? {}).filter(([name]) => !name.startsWith('x-')),
  ];
  const keys = envKeys(all);
  const services = Object.fromEntries(
    all.map(([name, settings]) => [name, container({ file, options, all, keys, name, settings })]),
  );
  const value = {
    name: service.name,
    services,
    ...networkDeclarations(all.map(([, settings]) => settings)),
    ...volumeDeclarations(all.map(([, settings]) => settings)),
  };
  return { value, text: render(value, options.file), env: keys.env };
}

interface Part {
  readonly file: ServiceFile;
  readonly options: GenerateOptions;
  readonly all: readonly (readonly [string, ContainerSettings])[];
  readonly keys: ReturnType<typeof envKeys>;
  readonly name: string;
  readonly settings: ContainerSettings;
}

function container(part: Part): ComposeFile['services'][string] {
  const { file, options, name, settings } = part;
  const main = file.service.name;
  const ports = [...mainPort(part), ...(settings.ports ?? []).map(String)];
  return dropEmpty({
    image: settings.image,
    container_name: settings.container_name ?? (name === main ? main : `${main}-${name}`),
    restart: settings.restart ?? options.restart,
    ...Object.fromEntries(plain.map((key) => [key, literal(settings[key])])),
    depends_on: dependencies(part),
    ports,
    environment: {
      ...literal({ ...options.environment, ...strings(settings.environment) }),
      ...part.keys.references(name),
    },
    volumes: literal(mounts(settings)),
    networks: joined(settings, part.all.length > 1),
    healthcheck: literal(
      healthcheck(
        name === main ? file.deployment.healthcheck : part.file.deployment.containers?.[name]?.healthcheck,
      ),
    ),
    labels: literal(labels(part)),
  });
}

/** The service's port is published by its own container, or by the one whose network it shares. */
function mainPort({ file: { service, deployment }, name }: Part): readonly string[] {
  const { port, container_port = port, network_mode = 'bridge' } = deployment;
  const shared = network_mode.startsWith('service:') ? network_mode.slice('service:'.length) : undefined;
  const publisher = shared ?? (network_mode === 'bridge' ? service.name : undefined);
  return port === null || name !== publisher ? [] : [`${port}:${container_port ?? port}`];
}

function dependencies({ file, name, settings }: Part): object {
  const extra = file.deployment.containers ?? {};
  const own = (settings.depends_on ?? []).filter(
    (other) => other !== name && (other in extra || other === file.service.name),
  );
  const checked = (other: string) =>
    other === file.service.name ? file.deployment.healthcheck?.command : extra[other]?.healthcheck?.command;
  return Object.fromEntries(
    own.map((other) => [
      other,
      { condition: checked(other) === undefined ? 'service_started' : 'service_healthy' },
    ]),
  );
}

function healthcheck(check: Partial<ContainerHealthcheck> | undefined): object | undefined {
  if (check?.command === undefined) return undefined;
  const { command, interval, timeout, retries, start_period } = check;
  const listed = typeof command === 'string' ? ['CMD-SHELL', command] : command;
  const test = /^(CMD|CMD-SHELL|NONE)$/.test(listed[0] ?? '') ? listed : ['CMD', ...listed];
  return dropEmpty({
    test,
    interval: interval === undefined ? undefined : duration(interval),
    timeout: timeout === undefined ? undefined : duration(timeout),
    retries,
    start_period: start_period === undefined ? undefined : duration(start_period),
  });
}

function duration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

/** Watchtower changes things behind Git's back, so it is told to keep off unless the definition invites it. */
function labels({ file, name, settings }: Part): Readonly<Record<string, string>> {
  const invited = name === file.service.name && file.watchtower?.enabled === true;
  return {
    'com.centurylinklabs.watchtower.enable': String(invited),
    ...strings(settings.labels),
    'homelab.service': file.service.name,
    'homelab.managed-by': 'sentinel',
  };
}

function strings(values: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

/** Compose replaces `$…` in every text; a definition means what it says, so each `$` is doubled. */
function literal<T>(value: T): T {
  return double(value) as T; // the same shape, other texts
}
function double(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(double);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith('x-'))
      .map(([key, inner]) => [key, double(inner)]),
  );
}

function dropEmpty<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]: [string, unknown]) => {
      if (typeof inner !== 'object' || inner === null) return inner !== undefined;
      return Object.keys(inner).length > 0;
    }),
  ) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function render(value: object, file: string): string {
  // YAML 1.1 is the stricter reader: what it would not take for a text gets quotes.
  const document = new Document(value, { schema: 'yaml-1.1', aliasDuplicateObjects: false });
  document.commentBefore = ` Written by Sentinel from ${file}; changes made here are overwritten.`;
  visit(document, {
    Pair(_, { key, value: inner }) {
      if (!isScalar(key) || (key.value !== 'environment' && key.value !== 'labels') || !isMap(inner)) return;
      for (const item of inner.items) if (isScalar(item.value)) item.value.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}
