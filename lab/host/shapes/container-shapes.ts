import { type Container, healthTestOf, imageCommand } from '../container.ts';
import type { LocalImage } from '../images.ts';
import { statusOf } from '../words.ts';
import { healthConfig, time } from './fields.ts';
import { imageEnv } from './image-shapes.ts';

/** An entry of `GET /containers/json`. */
export function containerSummary(container: Container) {
  const { spec } = container;
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: imageShown(container),
    ImageID: spec.image.id,
    Command: commandOf(container).join(' '),
    Created: Math.floor(container.created.getTime() / 1000),
    Ports: portList(container),
    Labels: spec.labels,
    State: container.status,
    Status: statusOf(container),
    HostConfig: { NetworkMode: spec.networkMode },
    NetworkSettings: { Networks: networksOf(container, null) },
    Mounts: spec.mounts.map(mountShape),
  };
}

/** Docker shows an image by id once its tag has moved to another one. */
function imageShown({ spec }: Container): string {
  const tagMoved =
    !spec.imageName.startsWith('sha256:') &&
    !spec.imageName.includes('@') &&
    !hasTag(spec.image, spec.imageName);
  return tagMoved ? spec.image.id : spec.imageName;
}

const hasTag = (image: LocalImage, name: string) =>
  image.tags.has(name) ||
  image.tags.has(`${name}:latest`) ||
  [...image.tags].some((tag) => name.endsWith(`/${tag}`));

/** `GET /containers/{id}/json`. */
export function containerDetails(container: Container) {
  const { spec } = container;
  const [path = '', ...args] = commandOf(container);
  return {
    Id: container.id,
    Created: time(container.created),
    Path: path,
    Args: args,
    State: stateShape(container),
    Image: spec.image.id,
    ResolvConfPath: `/var/lib/docker/containers/${container.id}/resolv.conf`,
    HostnamePath: `/var/lib/docker/containers/${container.id}/hostname`,
    HostsPath: `/var/lib/docker/containers/${container.id}/hosts`,
    LogPath: `/var/lib/docker/containers/${container.id}/${container.id}-json.log`,
    Name: `/${container.name}`,
    RestartCount: container.restarts,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    GraphDriver: { Data: {}, Name: 'overlay2' },
    HostConfig: {
      Binds: bindList(container),
      NetworkMode: spec.networkMode,
      PortBindings: portBindings(container),
      RestartPolicy: { Name: spec.restart.name, MaximumRetryCount: spec.restart.max },
      AutoRemove: false,
      Privileged: spec.privileged,
      ReadonlyRootfs: false,
      ...(spec.init ? { Init: true } : {}),
    },
    Mounts: spec.mounts.map(mountShape),
    Config: {
      Hostname: container.id.slice(0, 12),
      User: '',
      Tty: false,
      Env: [...Object.entries(spec.env).map(([name, value]) => `${name}=${value}`), ...imageEnv],
      Cmd: commandOf(container),
      ...healthConfig(healthTestOf(container)),
      Image: spec.imageName,
      Volumes: null,
      WorkingDir: '',
      Entrypoint: null,
      Labels: spec.labels,
    },
    NetworkSettings: {
      Ports: networkPorts(container),
      Networks: networksOf(container, [container.name, spec.service]),
    },
  };
}

function stateShape(container: Container) {
  const { health, status } = container;
  const running = status === 'running' || status === 'restarting';
  return {
    Status: status,
    Running: running,
    Paused: false,
    Restarting: status === 'restarting',
    OOMKilled: false,
    Dead: false,
    Pid: status === 'running' ? container.pid : 0,
    ExitCode: container.exitCode,
    Error: container.error,
    StartedAt: time(container.startedAt),
    FinishedAt: time(container.finishedAt),
    ...(health
      ? {
          Health: {
            Status: health.status,
            FailingStreak: health.streak,
            Log: health.log.map(({ start, end, exitCode, output }) => ({
              Start: time(start),
              End: time(end),
              ExitCode: exitCode,
              Output: output,
            })),
          },
        }
      : {}),
  };
}

/** The command line of a container, image default included. */
export function commandOf({ spec }: Container): readonly string[] {
  return spec.command.length > 0 ? spec.command : imageCommand(spec.image);
}

const addressesOf = (address: string) =>
  address === '' || address === '0.0.0.0' ? ['0.0.0.0', '::'] : [address];

/** Published ports as `docker ps` counts them: one line for IPv4, one for IPv6. */
export function portList(container: Container) {
  if (
    container.bound.length === 0 &&
    container.status === 'running' &&
    container.spec.image.behaviour.anyPort !== true
  )
    return container.spec.image.behaviour.exit ? [] : [{ PrivatePort: 80, Type: 'tcp' }];
  return container.bound.flatMap(({ address, host, container: inside, protocol }) =>
    addressesOf(address).map((IP) => ({ IP, PrivatePort: inside, PublicPort: host, Type: protocol })),
  );
}

function portBindings({ spec }: Container) {
  return Object.fromEntries(
    spec.ports.map(({ address, host, container, protocol }) => [
      `${container}/${protocol}`,
      [{ HostIp: address, HostPort: host === 0 ? '' : String(host) }],
    ]),
  );
}

function networkPorts({ bound }: Container) {
  return Object.fromEntries(
    bound.map(({ address, host, container, protocol }) => [
      `${container}/${protocol}`,
      addressesOf(address).map((HostIp) => ({ HostIp, HostPort: String(host) })),
    ]),
  );
}

/** The list leaves the aliases out. */
function networksOf(container: Container, aliases: readonly string[] | null) {
  return Object.fromEntries(
    container.spec.networks.map((name) => [
      name,
      {
        IPAMConfig: null,
        Links: null,
        Aliases: aliases,
        NetworkID: '',
        EndpointID: '',
      },
    ]),
  );
}

const bindList = ({ spec }: Container) => {
  const binds = spec.mounts
    .filter(({ type }) => type === 'bind')
    .map(({ source, target, readOnly }) => `${source}:${target}:${readOnly ? 'ro' : 'rw'}`);
  return binds.length > 0 ? binds : null;
};

function mountShape({ type, source, target, readOnly }: Container['spec']['mounts'][number]) {
  if (type === 'volume')
    return {
      Type: type,
      Name: source,
      Source: `/var/lib/docker/volumes/${source}/_data`,
      Destination: target,
      Driver: 'local',
      Mode: readOnly ? 'ro' : 'z',
      RW: !readOnly,
      Propagation: '',
    };
  return {
    Type: type,
    Source: source,
    Destination: target,
    Mode: readOnly ? 'ro' : 'rw',
    RW: !readOnly,
    Propagation: 'rprivate',
  };
}
