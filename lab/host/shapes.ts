import { type Container, healthTestOf, type HealthTest, imageCommand, imageHealth } from './container.ts';
import type { Daemon, Named } from './daemon.ts';
import type { LocalImage } from './images.ts';
import { ageOf, statusOf } from './words.ts';

/** Versions the simulated engine and its plug-in report. */
export const engineVersion = '20.10.24+dfsg1';
export const apiVersion = '1.41';
export const composeVersion = '2.26.1-4';

const never = '0001-01-01T00:00:00Z';
const nanoseconds = (ms: number) => ms * 1_000_000;
const time = (date: Date | undefined) => date?.toISOString() ?? never;

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

/** `GET /images/{name}/json`. */
export function imageDetails(image: LocalImage) {
  return {
    Id: image.id,
    RepoTags: [...image.tags].sort(),
    RepoDigests: [...image.repoDigests],
    Parent: '',
    Comment: 'Imported from -',
    Created: time(image.created),
    Container: '',
    DockerVersion: engineVersion,
    Author: '',
    Config: {
      Hostname: '',
      User: '',
      ExposedPorts: { '80/tcp': {} },
      Env: imageEnv,
      Cmd: imageCommand(image),
      ...healthConfig(imageHealth(image)),
      Volumes: null,
      WorkingDir: '',
      Entrypoint: null,
      Labels: null,
    },
    Architecture: 'amd64',
    Os: 'linux',
    Size: imageSize,
    VirtualSize: imageSize,
    GraphDriver: { Data: {}, Name: 'overlay2' },
    RootFS: { Type: 'layers', Layers: [image.digest] },
    Metadata: { LastTagTime: time(image.lastTagged) },
  };
}
const imageSize = 1_984_164;
const imageEnv = ['PATH=/bin'];

/** An entry of `GET /images/json`. */
export function imageSummary(image: LocalImage) {
  return {
    Containers: -1,
    Created: Math.floor(image.created.getTime() / 1000),
    Id: image.id,
    Labels: null,
    ParentId: '',
    RepoDigests: [...image.repoDigests],
    RepoTags: image.tags.size > 0 ? [...image.tags] : ['<none>:<none>'],
    SharedSize: -1,
    Size: imageSize,
    VirtualSize: imageSize,
  };
}

/** An entry of `GET /volumes`. */
export function volumeShape({ name, labels, created }: Named) {
  return {
    CreatedAt: created.toISOString().replace(/\.\d+Z$/, 'Z'),
    Driver: 'local',
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: `/var/lib/docker/volumes/${name}/_data`,
    Name: name,
    Options: null,
    Scope: 'local',
  };
}

/** An entry of `GET /networks`. */
export function networkShape({ name, id, labels, created }: Named) {
  return {
    Name: name,
    Id: id,
    Created: created.toISOString(),
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '10.100.1.0/24', Gateway: '10.100.1.1' }] },
    Internal: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Attachable: false,
    Ingress: false,
    Containers: {},
    Options: {},
    Labels: labels,
  };
}

/** `GET /version`. */
export function versionShape() {
  const build = '2026-05-07T21:09:36.000000000+00:00';
  return {
    Platform: { Name: '' },
    Components: [
      {
        Name: 'Engine',
        Version: engineVersion,
        Details: {
          ApiVersion: apiVersion,
          Arch: 'amd64',
          BuildTime: build,
          MinAPIVersion: '1.12',
          Os: 'linux',
        },
      },
    ],
    Version: engineVersion,
    ApiVersion: apiVersion,
    MinAPIVersion: '1.12',
    GitCommit: '5d6db84',
    GoVersion: 'go1.19.8',
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6.1.0',
    BuildTime: build,
  };
}

/** `GET /info`, the part people look at. */
export function infoShape(daemon: Daemon, name: string) {
  const count = (status: string) => daemon.containers.filter((one) => one.status === status).length;
  return {
    ID: 'SIMU:LATE',
    Containers: daemon.containers.length,
    ContainersRunning: count('running'),
    ContainersPaused: 0,
    ContainersStopped: daemon.containers.length - count('running'),
    Images: daemon.images.all().length,
    Driver: 'overlay2',
    SystemTime: new Date().toISOString(),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    KernelVersion: '6.1.0',
    OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: 2,
    MemTotal: 4_294_967_296,
    DockerRootDir: '/var/lib/docker',
    Name: name,
    ServerVersion: engineVersion,
    Warnings: null,
  };
}

/** The command line of a container, image default included. */
export function commandOf({ spec }: Container): readonly string[] {
  return spec.command.length > 0 ? spec.command : imageCommand(spec.image);
}

function healthConfig(test: HealthTest | undefined) {
  if (!test) return {};
  const Healthcheck = {
    Test: test.test,
    Interval: nanoseconds(test.interval),
    Timeout: nanoseconds(test.timeout),
    ...(test.startPeriod > 0 ? { StartPeriod: nanoseconds(test.startPeriod) } : {}),
    Retries: test.retries,
  };
  return { Healthcheck };
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

/** `ageOf` again, for those who list images. */
export const imageAge = (image: LocalImage) => `${ageOf(image.created)} ago`;
