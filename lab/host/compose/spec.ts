import type { ContainerSpec, HealthTest } from '../container.ts';
import { imageHealth } from '../container.ts';
import { randomBytes } from 'node:crypto';
import type { LocalImage } from '../images.ts';
import { composeVersion } from '../versions.ts';
import type { ComposeService, Project } from './model.ts';
import { configHash } from './render.ts';

/** Labels compose writes on containers. */
export const label = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  hash: 'com.docker.compose.config-hash',
  image: 'com.docker.compose.image',
  oneoff: 'com.docker.compose.oneoff',
  number: 'com.docker.compose.container-number',
  files: 'com.docker.compose.project.config_files',
  directory: 'com.docker.compose.project.working_dir',
  dependsOn: 'com.docker.compose.depends_on',
  version: 'com.docker.compose.version',
  volume: 'com.docker.compose.volume',
  network: 'com.docker.compose.network',
} as const;
export const labelVersion = composeVersion.replace(/-.*/, '');

export const containerName = (project: Project, service: ComposeService) =>
  service.containerName ?? `${project.name}-${service.name}-1`;

/** The container a service asks for. */
export function specOf(project: Project, service: ComposeService, image: LocalImage): ContainerSpec {
  const networkOf = (key: string) => project.networks[key]?.name ?? key;
  const [restart = 'no', max = '0'] = (service.restart ?? 'no').split(':');
  return {
    name: containerName(project, service),
    imageName: service.image,
    image,
    labels: { ...service.labels, ...composeLabels(project, service, image) },
    env: service.environment,
    command: [...service.entrypoint, ...service.command],
    ports: service.ports.map(({ target, published, address, protocol }) => ({
      address,
      host: Number(published === '' ? 0 : published),
      container: target,
      protocol,
    })),
    mounts: service.volumes.map(({ type, source, target, readOnly, createHostPath }) => ({
      type,
      source:
        type === 'volume'
          ? source === ''
            ? randomBytes(32).toString('hex')
            : (project.volumes[source]?.name ?? source)
          : source,
      target,
      readOnly,
      createHostPath,
    })),
    restart: { name: restart, max: Number(max) },
    healthcheck: healthTest(service, image),
    stopGraceMs: service.stopGraceMs,
    init: service.init,
    privileged: service.privileged,
    networkMode: service.networkMode ?? networkOf(service.networks[0] ?? 'default'),
    networks: service.networks.map(networkOf),
    service: service.name,
  };
}

function composeLabels(project: Project, service: ComposeService, image: LocalImage): Record<string, string> {
  const needs = service.dependsOn.map(
    ({ service: name, condition, restart }) => `${name}:${condition}:${restart}`,
  );
  return {
    [label.hash]: configHash(service),
    [label.number]: '1',
    [label.dependsOn]: needs.join(','),
    [label.image]: image.id,
    [label.oneoff]: 'False',
    [label.project]: project.name,
    [label.files]: project.files.join(','),
    [label.directory]: project.directory,
    [label.service]: service.name,
    [label.version]: labelVersion,
  };
}

/** Compose's health check, what it leaves out taken from the image or Docker's defaults. */
function healthTest({ healthcheck }: ComposeService, image: LocalImage): HealthTest | undefined {
  if (!healthcheck) return undefined;
  const own = imageHealth(image);
  return {
    test: healthcheck.disabled
      ? ['NONE']
      : healthcheck.test.length > 0
        ? healthcheck.test
        : (own?.test ?? ['NONE']),
    interval: healthcheck.interval ?? own?.interval ?? 30_000,
    timeout: healthcheck.timeout ?? own?.timeout ?? 30_000,
    retries: healthcheck.retries ?? own?.retries ?? 3,
    startPeriod: healthcheck.startPeriod ?? 0,
  };
}
