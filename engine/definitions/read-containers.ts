import { posix } from 'node:path';
import type { ComposeFile, ComposeMount, ComposeService, Path } from '../../schema/index.ts';
import type { Container, PublishedPort } from '../types.ts';
import type { Fault } from './fault.ts';
import { lineage } from './lineage.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import { publishedPorts } from './published-ports.ts';

export interface ReadContainers {
  readonly containers: readonly Container[];
  /** Messages do not repeat the path; who knows the file's own names puts it in front. */
  readonly faults: readonly Fault[];
  /** Where each port of the host is published, by `tcp/3030`. */
  readonly ports: ReadonlyMap<string, Path>;
}
interface Reading {
  readonly compose: ComposeFile;
  readonly installPath: string;
  readonly lookup: Lookup;
  readonly faults: Fault[];
  readonly ports: Map<string, Path>;
}

/** What a compose file would run, with variables filled in; a container behind a profile does not run. */
export function readContainers(compose: ComposeFile, installPath: string, lookup: Lookup): ReadContainers {
  const reading: Reading = { compose, installPath, lookup, faults: [], ports: new Map() };
  const containers = Object.entries(compose.services)
    .filter(([, service]) => (service.profiles ?? []).length === 0)
    .map(([name]) => readOne(reading, name));
  return { containers, faults: reading.faults, ports: reading.ports };
}

function readOne(reading: Reading, name: string): Container {
  const names = lineage(reading.compose.services, name);
  const parts = names.map((part) => reading.compose.services[part] ?? {});
  const mounts = parts.flatMap(({ volumes = [] }) => volumes.map((entry) => readMount(reading, entry)));
  const { healthcheck: health } = latest(parts, 'healthcheck');
  const { container_name: called } = latest(parts, 'container_name');
  return {
    name,
    ...(called === undefined ? {} : { containerName: interpolate(called, reading.lookup).text }),
    image: imageOf(reading, name, { ...latest(parts, 'image'), build: latest(parts, 'build').build }),
    ports: distinct(
      names.flatMap((part) =>
        (reading.compose.services[part]?.ports ?? []).flatMap((_, index) => readPorts(reading, part, index)),
      ),
    ),
    volumes: unique(mounts.flatMap(({ volume }) => volume ?? [])),
    binds: unique(mounts.flatMap(({ bind }) => bind ?? [])),
    privileged: String(latest(parts, 'privileged').privileged) === 'true',
    healthcheck: health?.test !== undefined && String(health.disable) !== 'true' && !isNone(health.test),
  };
}

/** The last of these that says something about `key`, as one that is extended only fills gaps. */
function latest(parts: readonly ComposeService[], key: keyof ComposeService): ComposeService {
  return parts.findLast((part) => part[key] !== undefined) ?? {};
}

/** Compose publishes a port once, even when what is extended asks for it too. */
function distinct(ports: readonly PublishedPort[]): readonly PublishedPort[] {
  return [...new Map(ports.map((port) => [JSON.stringify(port), port])).values()];
}

function imageOf(
  reading: Reading,
  name: string,
  { image: written, build }: Pick<ComposeService, 'image' | 'build'>,
): string {
  if (build !== undefined)
    reading.faults.push({
      path: ['services', name, 'build'],
      message: 'images cannot be built here',
      hint: 'build the image elsewhere, push it to a registry and name it in image',
    });
  else if (written === undefined)
    reading.faults.push({
      path: ['services', name],
      message: 'image is required',
      hint: 'name the image and its tag: image: grafana/grafana:10.2.3',
    });
  return fill(reading, written ?? '', ['services', name, 'image']);
}

function readPorts(reading: Reading, name: string, index: number): readonly PublishedPort[] {
  const path = ['services', name, 'ports', index] as const;
  const entry = reading.compose.services[name]?.ports?.[index];
  if (entry === undefined) return [];
  const filled =
    typeof entry === 'string'
      ? fill(reading, entry, path)
      : typeof entry === 'object' && typeof entry.published === 'string'
        ? { ...entry, published: fill(reading, entry.published, path) }
        : entry;
  const ports = publishedPorts(filled);
  if (typeof ports !== 'string') {
    for (const { protocol, host } of ports) reading.ports.set(`${protocol}/${host}`, path);
    return ports;
  }
  reading.faults.push({ path, message: ports, hint: 'write it as "3030:3000"' });
  return [];
}

/** A secret in a port or an image would have to be shown in a plan. */
function fill(reading: Reading, text: string, path: Fault['path']): string {
  const { text: filled, secrets } = interpolate(text, reading.lookup);
  if (secrets.length > 0)
    reading.faults.push({
      path,
      message: `${secrets.join(', ')} is a secret, which cannot be used here`,
      hint: 'put the value into deployment.environment',
    });
  return filled;
}

interface Mount {
  readonly volume?: string;
  readonly bind?: string;
}

function readMount(reading: Reading, entry: string | ComposeMount): Mount {
  const text = (value: string) => interpolate(value, reading.lookup).text;
  if (typeof entry === 'string') {
    const [source = '', target] = text(entry).split(':');
    return target === undefined ? {} : mountOf(source, reading.installPath);
  }
  if (entry.source === undefined) return {};
  if (entry.type === 'volume') return { volume: text(entry.source) };
  return entry.type === 'bind' ? { bind: posix.resolve(reading.installPath, text(entry.source)) } : {};
}

function mountOf(source: string, installPath: string): Mount {
  if (source.startsWith('~')) return { bind: source };
  return /^[./]/.test(source) ? { bind: posix.resolve(installPath, source) } : { volume: source };
}

function isNone(test: unknown): boolean {
  return test === 'NONE' || (Array.isArray(test) && test[0] === 'NONE');
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
