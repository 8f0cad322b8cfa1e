import type { Hosts, Ports, RemoteHost } from '../ports.ts';
import { ProblemError } from '../problems.ts';
import { sudoersLine } from '../sudoers-line.ts';
import type { HostEntry } from '../types.ts';
import { clockFinding } from './clock-difference.ts';
import type { Check } from './examine.ts';
import { good, skipped, troubled, warning, wrong, type Finding } from './finding.ts';
import { once, type Place } from './places.ts';
import { roomForImages, spaceFinding } from './space.ts';

export type HostPorts = Pick<Ports, 'clock'> & { readonly host: Hosts['get'] };

/** Every machine that definitions name. */
export function hostChecks(places: readonly Place[]): readonly Check[] {
  const named = once(places, ({ fleet }) => Object.values(fleet.inventory.hosts));
  return named.map(({ system: entry, places: [{ ports }] }) => {
    const twins = named.filter(({ system }) => system.name === entry.name).length > 1;
    const subject = twins ? `${entry.name} (${entry.address})` : entry.name;
    return { area: 'hosts', subject, look: (signal) => look({ entry, ports, subject }, signal) };
  });
}

interface Looking {
  readonly entry: HostEntry;
  readonly ports: HostPorts;
  readonly subject: string;
}

async function look({ entry, ports, subject }: Looking, signal: AbortSignal): Promise<readonly Finding[]> {
  const about = { area: 'hosts', subject } as const;
  const host = ports.host(entry);
  try {
    const told = await ask(host, signal);
    const asRoot = entry.user === 'root' ? '' : ' and may use sudo';
    return [
      good(about, `${entry.user} logs in${asRoot}; the host key is the one on record.`),
      machine(about, told),
      ...docker(about, told, entry),
      ...room(about, told, entry),
      clockOf(about, told, ports.clock.now()),
    ];
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'sudo-refused') throw error;
    return [
      good(about, `${entry.user} logs in; the host key is the one on record.`),
      {
        ...troubled(about, error.problem),
        mend: `Let ${entry.user} run commands without a password: \`visudo -f /etc/sudoers.d/sentinel\` with the line \`${sudoersLine(entry.user)}\`. Until then nothing more can be looked at here.`,
      },
    ];
  }
}

/** Only questions; `df` is asked at the nearest folder that exists. */
const script = String.raw`
docker=$1; root=$2
say() { printf '%s=%s\n' "$1" "$(printf %s "$2" | head -n 1)"; }
near() { at=$1; while [ ! -d "$at" ] && [ "$at" != / ]; do at=$(dirname "$at"); done; printf %s "$at"; }
free() { df -Pk "$(near "$1")" 2>/dev/null | awk 'NR == 2 { print $4 }'; }
say clock "$(date +%s)"
say machine "$(uname -m)"
say system "$(. /etc/os-release 2>/dev/null && printf %s "$PRETTY_NAME")"
if command -v "$docker" >/dev/null 2>&1; then
  say docker there
  say engine "$("$docker" version --format '{{.Server.Version}}' 2>/dev/null)"
  say compose "$("$docker" compose version --short 2>/dev/null)"
  data=$("$docker" info --format '{{.DockerRootDir}}' 2>/dev/null)
  say data "$data"
  [ -z "$data" ] || say dataFree "$(free "$data")"
fi
if [ -d "$root" ]; then say root there; else say root missing; fi
if [ -w "$(near "$root")" ]; then say writable yes; else say writable no; fi
say rootFree "$(free "$root")"
`;

type Told = ReadonlyMap<string, string>;

async function ask(host: RemoteHost, signal: AbortSignal): Promise<Told> {
  const { entry } = host;
  const args = [entry.docker.command, entry.installRoot];
  const { stdout } = await host.run({ script, args, timeoutMs: 9_000 }, signal);
  const lines = stdout.split('\n').flatMap((line): [string, string][] => {
    const cut = line.indexOf('=');
    return cut < 1 ? [] : [[line.slice(0, cut), line.slice(cut + 1).trim()]];
  });
  return new Map(lines.filter(([, value]) => value !== ''));
}

type About = Pick<Finding, 'area' | 'subject'>;

function machine(about: About, told: Told): Finding {
  const kind = told.get('machine') ?? 'an unknown machine';
  const system = told.get('system');
  return good(about, `${system === undefined ? '' : `${system}, `}${kind}.`);
}

/** docs/install.md has the same. */
export const oldestCompose = [2, 17] as const;
export const oldestEngine = [20, 10] as const;

function docker(about: About, told: Told, { docker: { command } }: HostEntry): readonly Finding[] {
  if (!told.has('docker'))
    return [
      {
        ...wrong(
          about,
          `there is no ${command}.`,
          'Install Docker Engine with the Compose plug-in (docs.docker.com/engine/install).',
        ),
        code: 'docker-missing',
      },
    ];
  return [
    versionFinding(about, told.get('engine'), {
      what: 'Docker',
      oldest: oldestEngine,
      missing: {
        ...wrong(
          about,
          'the Docker daemon does not answer.',
          'Start it (`systemctl start docker`) and look at its log (`journalctl -u docker`).',
        ),
        code: 'docker-not-running',
      },
    }),
    versionFinding(about, told.get('compose'), {
      what: 'Docker Compose',
      oldest: oldestCompose,
      missing: {
        ...wrong(
          about,
          'Docker has no Compose plug-in.',
          'Install it (Debian: `apt install docker-compose-plugin`, or `docker-compose-v2`); the old `docker-compose` is not enough.',
        ),
        code: 'docker-missing',
      },
    }),
  ];
}

function versionFinding(
  about: About,
  version: string | undefined,
  {
    what,
    oldest,
    missing,
  }: { readonly what: string; readonly oldest: readonly [number, number]; readonly missing: Finding },
): Finding {
  if (version === undefined) return missing;
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined)
    return skipped(about, `${what} calls its version “${version}”.`);
  const newer = Number(major) - oldest[0] || Number(minor) - oldest[1];
  if (newer >= 0) return good(about, `${what} ${version}.`);
  return wrong(
    about,
    `${what} ${version} is older than ${oldest.join('.')}.`,
    `Update ${what} on this machine.`,
  );
}

function room(about: About, told: Told, { installRoot }: HostEntry): readonly Finding[] {
  const may = told.get('writable') === 'yes';
  const place =
    told.get('root') === 'there'
      ? may
        ? good(about, `${installRoot} can be written.`)
        : wrong(
            about,
            `${installRoot} cannot be written.`,
            'Is its disk mounted read-only? Otherwise choose another `install_root` in sentinel.yml.',
          )
      : may
        ? warning(
            about,
            `${installRoot} does not exist yet.`,
            'It is made by the first deployment. Correct `install_root` in sentinel.yml if that is not what you mean.',
          )
        : wrong(
            about,
            `${installRoot} does not exist and cannot be made.`,
            'Make it, or correct `install_root` in sentinel.yml.',
          );
  const disks = [
    { path: installRoot, blocks: told.get('rootFree') },
    { path: told.get('data') ?? '', blocks: told.get('dataFree') },
  ];
  return [
    place,
    ...disks.flatMap(({ path, blocks }) =>
      blocks === undefined
        ? []
        : [spaceFinding(about, { path, free: Number(blocks) * 1024, needed: roomForImages })],
    ),
  ];
}

function clockOf(about: About, told: Told, ours: Date): Finding {
  const seconds = Number(told.get('clock'));
  if (!Number.isFinite(seconds)) return skipped(about, 'it does not tell the time.');
  return clockFinding(about, { theirs: new Date(seconds * 1000), ours, whose: 'its clock' });
}
