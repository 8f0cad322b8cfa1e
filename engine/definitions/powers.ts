import { parseDocument } from 'yaml';
import { isRecord, list, text } from '../json.ts';
import type { EnvValue, RiskCode } from '../types.ts';
import { dangerOf, isRawDevice, type MountPlace } from './dangerous-paths.ts';
import { interpolate } from './interpolate.ts';
import { lineage, startsElsewhere } from './lineage.ts';
import { mountedPaths, type Mounted } from './mounted-paths.ts';

/** Something that gives a container power over its host. */
export interface Power {
  readonly code: Extract<RiskCode, 'privileged' | 'docker-socket' | 'host-root' | 'host-network'>;
  readonly message: string;
  /** False for what a person should only know. */
  readonly owns: boolean;
}
export interface PowerQuestion extends MountPlace {
  /** What its `.env` holds; null where that is somebody else's, and not looked at. */
  readonly env: Readonly<Record<string, EnvValue>> | null;
}
type Fields = Readonly<Record<string, unknown>>;

/**
 * Everything in a compose file that gives a container power over its host, variables filled in. What cannot be seen from
 * here (a secret, another file, another container's mounts) counts as power.
 */
export function powersOf(compose: string, question: PowerQuestion): readonly Power[] {
  const document = readDocument(compose);
  if (document === null)
    return [power('host-root', 'The compose file cannot be read, so nobody can tell what it asks for.')];
  const services = recordsIn(document['services']);
  const filled = (value: string) => fill(value, question);
  const included = document['include'] === undefined ? [] : [power('host-root', includes)];
  return [
    ...included,
    ...Object.keys(services).flatMap((name) => {
      const parts = lineage(services, name).map((part) => services[part] ?? {});
      return powersOfOne({ name, parts, document, question, filled });
    }),
  ];
}
const includes = 'The compose file includes another one, which is not looked at.';

interface Looking {
  readonly name: string;
  /** What it extends, and itself last. */
  readonly parts: readonly Fields[];
  readonly document: Fields;
  readonly question: PowerQuestion;
  readonly filled: (value: string) => Filled;
}

function powersOfOne(looking: Looking): readonly Power[] {
  const { name, parts, document, question, filled } = looking;
  const texts = (key: string) =>
    parts.flatMap((part) => textsIn(part[key]).map((value) => filled(value).text));
  const untold = ['cap_add', 'security_opt', 'device_cgroup_rules'].filter((key) =>
    parts.some((part) => textsIn(part[key]).some((value) => filled(value).secret)),
  );
  const last = (key: string) => {
    const value = parts.map((part) => part[key]).findLast((found) => found !== undefined);
    if (typeof value !== 'string') return value;
    const { text: shown, secret } = filled(value);
    return secret ? 'host' : shown; // nobody can tell, so the worst is taken for granted
  };
  const own = (why: string) => power('privileged', `${name} ${why}: it owns its host.`);
  const mounts = parts.flatMap((part) => mountedPaths(part, document));
  const devices = parts.flatMap((part) =>
    list(part['devices']).flatMap((entry) => {
      const source = isRecord(entry) ? text(entry['source']) : (text(entry)?.split(':')[0] ?? null);
      return source === null ? [] : [source];
    }),
  );
  return [
    ...(parts.some(startsElsewhere)
      ? [power('host-root', `${name} starts from a container of another file, which is not looked at.`)]
      : []),
    ...(isTrue(last('privileged')) ? [own('runs privileged')] : []),
    ...(['pid', 'userns_mode', 'ipc'] as const).flatMap((key) =>
      last(key) === 'host' ? [own(`shares its host's ${words[key]} (${key}: host)`)] : [],
    ),
    ...untold.map((key) => own(`has settings that only a secret tells (${key})`)),
    ...texts('cap_add').flatMap((value) => {
      const capability = value.toUpperCase().replace(/^CAP_/, '');
      return mighty.has(capability) ? [own(`gets the capability ${capability}`)] : [];
    }),
    ...texts('security_opt').flatMap((value) =>
      /^((apparmor|seccomp|systempaths)[:=]unconfined|label[:=]disable)$/.test(value)
        ? [own(`runs without a protection (${value})`)]
        : [],
    ),
    ...texts('device_cgroup_rules').flatMap((rule) =>
      /^\s*[ab]\b/.test(rule) ? [own(`may use disks (device rule ${rule})`)] : [],
    ),
    ...devices.flatMap((source) => mountPower({ source, device: true, readOnly: false }, looking)),
    ...texts('volumes_from').flatMap((source) =>
      source.startsWith('container:')
        ? [power('host-root', `${name} takes the mounts of ${source}, which are not looked at.`)]
        : [],
    ),
    ...mounts.flatMap((mount) => mountPower(mount, { name, question, filled })),
    ...(last('network_mode') === 'host'
      ? [
          {
            ...power('host-network', `${name} uses its host's network: all its ports are open there.`),
            owns: false,
          },
        ]
      : []),
  ];
}

const words = { pid: 'processes', userns_mode: 'users', ipc: 'memory' };
const mighty = new Set([
  'ALL',
  'SYS_ADMIN',
  'SYS_PTRACE',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_BOOT',
  'DAC_READ_SEARCH',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'BPF',
]);

function mountPower(
  { source, device, readOnly }: Mounted,
  { name, question, filled }: Pick<Looking, 'name' | 'question' | 'filled'>,
): readonly Power[] {
  const { text: path, secret } = filled(source);
  if (secret) return [power('host-root', `${name} mounts a path that only a secret tells.`)];
  if (device || path.startsWith('/dev/'))
    return isRawDevice(path)
      ? [power('host-root', `${name} can use the device ${path}: it owns its host.`)]
      : [];
  const danger = dangerOf(path, { readOnly, place: question });
  return danger === null ? [] : [power(danger.kind, `${name} ${danger.why}: it can own its host.`)];
}

interface Filled {
  readonly text: string;
  /** Part of it is a secret. */
  readonly secret: boolean;
}

/** Variables as Compose fills them in, where the shell's own win over the `.env`. */
function fill(value: string, { env, installPath }: PowerQuestion): Filled {
  const shell: Readonly<Record<string, string>> = { HOME: '/root', PWD: installPath };
  const found = interpolate(value, (name) => {
    const known = shell[name];
    if (known !== undefined) return { value: known };
    return env === null ? { secret: name } : env[name];
  });
  return { text: found.text, secret: found.secrets.length > 0 };
}

/** A value nobody can tell counts as true. */
function isTrue(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== 'string' || !['false', 'no', 'off', 'n', '0'].includes(value.toLowerCase());
}

function power(code: Power['code'], message: string): Power {
  return { code, message, owns: true };
}

function textsIn(value: unknown): readonly string[] {
  return list(value).flatMap((entry) => text(entry) ?? []);
}

function readDocument(compose: string): Fields | null {
  try {
    const parsed = parseDocument(compose, { merge: true, logLevel: 'silent' });
    const document: unknown = parsed.errors.length > 0 ? null : parsed.toJS();
    return isRecord(document) ? document : null;
  } catch {
    return null;
  }
}

function recordsIn(value: unknown): Readonly<Record<string, Fields>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, entry]) => (isRecord(entry) ? [[name, entry]] : [])),
  );
}
