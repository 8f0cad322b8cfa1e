import { parseSentinelFile, type HostSection, type Scalars, type SentinelFile } from '../../schema/index.ts';
import type { Problem } from '../problems.ts';
import type { Checks, HostEntry, Inventory, Result } from '../types.ts';
import { checkSystems } from './check-systems.ts';
import { faultToProblem, schemaToProblem } from './fault.ts';
import { sha256 } from '../digest.ts';
import { readSystems, type SystemDefaults } from './read-systems.ts';

/** An inventory, and what it says about services that say nothing themselves. */
export interface Surroundings {
  readonly inventory: Inventory;
  readonly defaults: ServiceDefaults;
}
export interface ServiceDefaults {
  readonly installRoot: string;
  readonly restart: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly checks: Pick<Checks, 'interval' | 'timeout' | 'retries' | 'settle'>;
  readonly systems: SystemDefaults;
}

/** Reads sentinel.yml as it holds in one environment. */
export function readInventory(text: string, file: string, environment: string): Result<Surroundings> {
  const parsed = parseSentinelFile(text, file);
  if (!parsed.ok)
    return { ok: false, problems: parsed.problems.map((p) => schemaToProblem(p, 'configuration-invalid')) };
  const faults = checkSystems(parsed.value, Object.keys(hostsIn(parsed.value, environment)));
  if (faults.length === 0) return { ok: true, value: normalise(parsed.value, environment, sha256(text)) };
  const problems = faults.map((fault) => faultToProblem(fault, parsed.locate, 'configuration-invalid'));
  return { ok: false, problems };
}

/** The inventory alone, for those who keep sentinel.yml outside the services repository. */
export function parseInventory(text: string, file: string, environment: string): Result<Inventory> {
  const read = readInventory(text, file, environment);
  return read.ok ? { ok: true, value: read.value.inventory } : read;
}

/** What holds while there is no readable sentinel.yml. */
export const emptySurroundings: Surroundings = normalise({ hosts: {} }, '', sha256(''));

export function missingInventory(file: string): Problem {
  return {
    code: 'configuration-invalid',
    message: `${file} is missing`,
    where: `${file}:1:1`,
    hint: 'add sentinel.yml with the hosts services run on to the root of the repository, or let `sentinel init` write one',
  };
}

function normalise(file: SentinelFile, environment: string, source: string): Surroundings {
  const { defaults = {} } = file;
  const own = file.environments?.[environment];
  const installRoot = defaults.install_root ?? '/opt';
  const hosts = Object.entries(hostsIn(file, environment)).map(
    ([name, section]) => [name, host(name, section, { ...defaults, install_root: installRoot })] as const,
  );
  const byName = Object.fromEntries(hosts);
  const { systems, defaults: systemDefaults } = readSystems(file.systems, byName);
  return {
    inventory: {
      domain: own?.domain ?? file.domain ?? null,
      hosts: byName,
      systems,
      automaticRollback: defaults.automatic_rollback ?? true,
      source,
    },
    defaults: {
      installRoot,
      restart: defaults.restart ?? 'unless-stopped',
      environment: { ...texts(defaults.environment), ...texts(own?.environment) },
      checks: { interval: 5, timeout: 5, retries: 12, settle: 10, ...plain(defaults.healthcheck) },
      systems: systemDefaults,
    },
  };
}

function hostsIn(file: SentinelFile, environment: string): Readonly<Record<string, HostSection>> {
  const hosts = { ...file.hosts, ...file.environments?.[environment]?.hosts };
  return Object.fromEntries(Object.entries(hosts).filter(([name]) => !name.startsWith('x-')));
}

function host(
  name: string,
  section: HostSection,
  defaults: NonNullable<SentinelFile['defaults']> & { readonly install_root: string },
): HostEntry {
  const { host_key = [] } = section;
  return {
    name,
    address: section.address,
    port: section.port ?? defaults.port ?? 22,
    user: section.user ?? defaults.user ?? 'root',
    key: section.key ?? defaults.key ?? 'default',
    hostKeys: typeof host_key === 'string' ? [host_key] : host_key,
    installRoot: section.install_root ?? defaults.install_root,
    docker: {
      command: section.docker?.command ?? 'docker',
      socket: section.docker?.socket ?? '/var/run/docker.sock',
    },
  };
}

function texts(values: Scalars = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(plain(values)).map(([name, value]) => [name, String(value)]));
}

/** Without notes a person added under `x-` keys. */
function plain<T extends object>(value: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(value ?? {}).filter(([key]) => !key.startsWith('x-')),
  ) as Partial<T>;
}
