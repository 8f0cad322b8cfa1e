import { posix } from 'node:path';

/** Where a container's mounts come from, as far as the host they are on matters. */
export interface MountPlace {
  readonly installPath: string;
  /** The directory all services of the host are installed below. */
  readonly installRoot: string;
  /** Path of Docker's socket on that host. */
  readonly socket: string;
}
export interface DangerousPath {
  readonly kind: 'docker-socket' | 'host-root';
  readonly why: string;
}

const sockets = [
  '/run/docker.sock',
  '/run/docker',
  '/run/containerd',
  '/run/podman',
  '/run/crio',
  '/run/k3s/containerd',
];
/** Who writes there decides what the host runs, or reads what opens it. */
const hostDirectories = [
  ['/etc', 'the configuration'],
  ['/root', 'the home of root'],
  ['/boot', 'what it boots'],
  ['/usr', 'the programs'],
  ['/bin', 'the programs'],
  ['/sbin', 'the programs'],
  ['/lib', 'the libraries'],
  ['/lib64', 'the libraries'],
  ['/run/systemd', 'the service manager'],
  ['/run/dbus', 'the message bus, and with it the service manager,'],
  ['/var/lib/docker', "Docker's own files"],
  ['/var/lib/containerd', "containerd's own files"],
  ['/var/lib/containers', "Podman's own files"],
  ['/var/lib/kubelet', "the kubelet's own files"],
  ['/var/lib/rancher', "Kubernetes' own files"],
  ['/var/spool/cron', 'the scheduled jobs'],
] as const;
/** Everybody on the host may read these, and they open nothing. */
const harmless = [
  '/etc/localtime',
  '/etc/timezone',
  '/etc/machine-id',
  '/etc/os-release',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/resolv.conf',
  '/etc/ssl/certs',
  '/etc/ca-certificates',
  '/usr/share/zoneinfo',
  '/usr/share/ca-certificates',
  '/usr/lib/os-release',
  '/usr/lib/locale',
];
const harmlessToRead = ['/etc/passwd', '/etc/group', '/usr/src', '/lib/modules', '/usr/lib/modules'];

/** A host path as the kernel will find it: `~` is root's home, and the usual links are followed. */
export function hostPath(source: string, { installPath }: Pick<MountPlace, 'installPath'>): string {
  const expanded = source.replace(/^~[^/]*/, '/root');
  const path = posix.resolve(installPath, expanded);
  return path.replace(/^\/var\/run(?=\/|$)/, '/run').replace(/^\/var\/lock(?=\/|$)/, '/run/lock');
}

/** What a container could do to its host through this mount, if that is more than it should. */
export function dangerOf(
  source: string,
  { readOnly, place }: { readonly readOnly: boolean; readonly place: MountPlace },
): DangerousPath | null {
  const path = hostPath(source, place);
  if (path === '/') return { kind: 'host-root', why: 'mounts the root of its host' };
  const shown = source === path ? path : `${source} (${path})`;
  const known = [...sockets, hostPath(place.socket, place)];
  if (/\/(docker|containerd|podman|crio)\.sock$/.test(path) || known.some((one) => meets(path, one)))
    return { kind: 'docker-socket', why: `mounts ${shown}, where the container engine listens` };
  if (path === place.installRoot || isBelow(place.installRoot, path))
    return { kind: 'host-root', why: `mounts ${shown}, which holds all services of its host` };
  if (/^\/proc\/[^/]+\/(root|cwd)(\/|$)/.test(path))
    return { kind: 'host-root', why: `mounts ${shown}, which leads to the root of its host` };
  if (!readOnly && (isIn(path, '/proc') || isIn(path, '/sys')))
    return { kind: 'host-root', why: `may write to ${shown}, the settings of its host's kernel` };
  if (/^\/home(\/[^/]+)?$/.test(path) || /\/\.ssh(\/|$)/.test(path))
    return { kind: 'host-root', why: `mounts ${shown}, where keys to its host are` };
  if ([...harmless, ...(readOnly ? harmlessToRead : [])].some((one) => isIn(path, one))) return null;
  const found = hostDirectories.find(([one]) => meets(path, one));
  return found === undefined ? null : { kind: 'host-root', why: `mounts ${shown}: ${found[1]} of its host` };
}

/** A disk as a device, whatever file system is on it, or the memory. */
export function isRawDevice(source: string): boolean {
  const path = posix.normalize(source).replace(/(.)\/$/, '$1');
  return (
    /^\/dev\/((s|h|v|xv)d[a-z]|nvme\d|mmcblk|dm-|mapper\b|md\d|loop|zd\d|sg\d|sr\d|nbd|bcache|disk\b|block\b|mem$|kmem$|port$)/.test(
      path,
    ) ||
    path === '/dev' ||
    path === '/'
  );
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory === '/' ? '/' : `${directory}/`) && path !== directory;
}
function isIn(path: string, directory: string): boolean {
  return path === directory || isBelow(path, directory);
}
/** The same, inside, or around it. */
function meets(path: string, other: string): boolean {
  return isIn(path, other) || isBelow(other, path);
}
