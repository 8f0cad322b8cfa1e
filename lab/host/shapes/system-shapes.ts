import type { Daemon, Named } from '../daemon.ts';
import { apiVersion, engineVersion } from '../versions.ts';

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
