import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { ComposeService, Project } from './model.ts';

/** What `docker compose config` prints, as JSON or as YAML; the JSON form names a few things that are empty. */
export function projectJson(project: Project, format: 'json' | 'yaml'): object {
  const empty = format === 'json' ? { ipam: {} } : {};
  const volumes = Object.entries(project.volumes).map(([key, { name, external }]) => [
    key,
    { name, ...(external ? { external: true } : {}) },
  ]);
  const networks = Object.entries(project.networks).map(([key, { name, external }]) => [
    key,
    { name, ...empty, ...(external ? { external: true } : {}) },
  ]);
  const services = [...project.services]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((service) => [service.name, serviceJson(service, format)] as const);
  return {
    name: project.name,
    ...(networks.length > 0 ? { networks: Object.fromEntries(networks) as object } : {}),
    services: Object.fromEntries(services),
    ...(volumes.length > 0 ? { volumes: Object.fromEntries(volumes) as object } : {}),
    ...project.extensions,
  };
}

const doubled = (text: string) => text.replaceAll('$', '$$$$');
const nullIfEmpty = (words: readonly string[]) => (words.length > 0 ? words.map(doubled) : null);
const duration = (ms: number) => {
  const minutes = Math.floor(ms / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return `${minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
};

function serviceJson(service: ComposeService, format: 'json' | 'yaml'): Record<string, unknown> {
  const { healthcheck } = service;
  const optional: readonly (readonly [string, unknown, boolean])[] = [
    ['container_name', service.containerName, service.containerName !== undefined],
    ['depends_on', dependsOn(service), service.dependsOn.length > 0],
    ['environment', mapValues(service.environment, doubled), Object.keys(service.environment).length > 0],
    ['healthcheck', healthcheck && health(healthcheck), healthcheck !== undefined],
    ['image', service.image, service.image !== ''],
    ['init', true, service.init],
    ['labels', mapValues(service.labels, doubled), Object.keys(service.labels).length > 0],
    ['network_mode', service.networkMode, service.networkMode !== undefined],
    [
      'networks',
      Object.fromEntries(service.networks.map((name) => [name, null])),
      service.networks.length > 0,
    ],
    ['ports', service.ports.map(portJson), service.ports.length > 0],
    ['privileged', true, service.privileged],
    ['restart', service.restart, service.restart !== undefined],
    ['stop_grace_period', duration(service.stopGraceMs ?? 0), service.stopGraceMs !== undefined],
    ['volumes', service.volumes.map(volumeJson), service.volumes.length > 0],
  ];
  const written = optional.filter(([, , present]) => present).map(([key, value]) => [key, value] as const);
  const all: Record<string, unknown> = {
    ...Object.fromEntries(written),
    ...service.rest,
    ...(format === 'json' || service.command.length > 0 ? { command: nullIfEmpty(service.command) } : {}),
    ...(format === 'json' || service.entrypoint.length > 0
      ? { entrypoint: nullIfEmpty(service.entrypoint) }
      : {}),
  };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => a.localeCompare(b)));
}

const dependsOn = ({ dependsOn: list }: ComposeService) =>
  Object.fromEntries(
    list.map(({ service, condition, required, restart }) => [
      service,
      { condition, required, ...(restart ? { restart: true } : {}) },
    ]),
  );

function health(check: NonNullable<ComposeService['healthcheck']>) {
  const { test, interval, timeout, retries, startPeriod, disabled } = check;
  return {
    ...(disabled ? { disable: true } : {}),
    ...(test.length > 0 ? { test: test.map(doubled) } : {}),
    ...(timeout === undefined ? {} : { timeout: duration(timeout) }),
    ...(interval === undefined ? {} : { interval: duration(interval) }),
    ...(retries === undefined ? {} : { retries }),
    ...(startPeriod === undefined ? {} : { start_period: duration(startPeriod) }),
  };
}

const portJson = ({ target, published, address, protocol }: ComposeService['ports'][number]) => ({
  mode: 'ingress',
  ...(address === '' ? {} : { host_ip: address }),
  target,
  ...(published === '' ? {} : { published }),
  protocol,
});

function volumeJson({ type, source, target, readOnly, createHostPath }: ComposeService['volumes'][number]) {
  const options =
    type === 'bind' && createHostPath
      ? { bind: { create_host_path: true } }
      : type === 'volume'
        ? { volume: {} }
        : {};
  return {
    type,
    ...(source === '' ? {} : { source }),
    target,
    ...(readOnly ? { read_only: true } : {}),
    ...options,
  };
}

const mapValues = (record: Readonly<Record<string, string>>, change: (value: string) => string) =>
  Object.fromEntries(
    Object.entries(record)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, value]) => [key, change(value)]),
  );

/** What the `config-hash` label holds: everything but the image's content and what only orders or scales. */
export function configHash(service: ComposeService): string {
  const counted = serviceJson(service, 'json');
  return createHash('sha256')
    .update(canonicalize(counted) ?? '')
    .digest('hex');
}
