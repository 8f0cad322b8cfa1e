import { posix } from 'node:path';
import type { Fault } from './fault.ts';

/** Files of a service have no business in these, nor in what is below them. */
const systemTrees = [
  '/etc',
  '/root',
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/boot',
  '/dev',
  '/proc',
  '/sys',
  '/run',
  '/snap',
  '/lost+found',
  '/var/run',
  '/var/lock',
  '/var/spool',
  '/var/log',
  '/var/mail',
  '/var/cache',
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/kubelet',
  '/var/lib/rancher',
  '/var/lib/systemd',
  '/var/lib/dpkg',
  '/var/lib/apt',
  '/var/lib/cloud',
  '/var/lib/sudo',
];
/** These hold what is everybody's, so one service cannot have them whole. */
const shared = [
  '/',
  '/home',
  '/opt',
  '/srv',
  '/mnt',
  '/media',
  '/var',
  '/var/lib',
  '/var/opt',
  '/tmp',
  '/var/tmp',
];

/** What is wrong with a directory somebody chose for a service. */
export function checkInstallPath(chosen: string | undefined, installRoot: string): readonly Fault[] {
  if (chosen === undefined) return [];
  const why = refusal(chosen, installRoot.replace(/(.)\/+$/, '$1'));
  if (why === null) return [];
  return [
    {
      path: ['deployment', 'install_path'],
      message: `deployment.install_path: ${chosen} ${why}`,
      hint: `leave it out, or give the service a directory of its own, such as /srv/<name>`,
    },
  ];
}

function refusal(path: string, installRoot: string): string | null {
  if (posix.normalize(path) !== path || !posix.isAbsolute(path)) return 'is not a plain absolute path';
  const tree = systemTrees.find((one) => path === one || path.startsWith(`${one}/`));
  if (tree !== undefined) return `belongs to the host itself (${tree})`;
  if (path === installRoot || installRoot.startsWith(`${path}/`)) return 'holds all services of the host';
  if (shared.includes(path) || /^\/home\/[^/]+$/.test(path)) return 'holds more than one service';
  return path.split('/').includes('.ssh') || path.split('/').includes('.sentinel')
    ? 'holds what opens or runs the host'
    : null;
}
