import type { Container } from './container.ts';
import type { Daemon } from './daemon.ts';
import { DockerError } from './docker-error.ts';

/** Filter name → accepted values. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** The API's `filters` parameter: `{"label":["a=b"]}` or the older `{"label":{"a=b":true}}`. */
export function parseFilters(text: string | null): Filters {
  if (text === null || text === '') return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DockerError(500, `invalid character '${text[0] ?? ''}' looking for beginning of value`);
  }
  if (typeof value !== 'object' || value === null) throw new DockerError(400, 'invalid filter');
  return new Map(
    Object.entries(value).map(([key, list]: [string, unknown]) => [
      key,
      Array.isArray(list) ? list.map(String) : Object.keys(list as object),
    ]),
  );
}

/** The containers a list asks for, newest first. */
export function findContainers(daemon: Daemon, filters: Filters, all: boolean): readonly Container[] {
  const known = ['label', 'name', 'id', 'status', 'health', 'ancestor', 'volume', 'publish', 'network'];
  for (const key of filters.keys())
    if (!known.includes(key)) throw new DockerError(400, `Invalid filter '${key}'`);
  const stoppedToo = all || filters.has('status');
  return daemon.containers.filter(
    (one) =>
      (stoppedToo || one.status === 'running' || one.status === 'restarting') &&
      [...filters].every(([key, values]) => matches(one, key, values)),
  );
}

function matches(container: Container, key: string, values: readonly string[]): boolean {
  const { spec } = container;
  if (key === 'label') return values.every((value) => hasLabel(spec.labels, value));
  return values.some((value) => {
    if (key === 'name') return new RegExp(value).test(`/${container.name}`);
    if (key === 'id') return container.id.startsWith(value);
    if (key === 'status') return container.status === value;
    if (key === 'health') return (container.health?.status ?? 'none') === value;
    if (key === 'ancestor')
      return spec.imageName === value || spec.image.id === value || spec.image.tags.has(value);
    if (key === 'volume')
      return spec.mounts.some(({ source, target }) => source === value || target === value);
    if (key === 'network') return spec.networks.includes(value);
    return spec.ports.some(({ host }) => String(host) === value.split('/')[0]);
  });
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return wanted in labels;
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}
