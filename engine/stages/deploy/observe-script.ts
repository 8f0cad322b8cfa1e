import { type Listener, nowhere, type Place } from './found.ts';
import { executableMark } from './desired.ts';
import { parseRelease } from './release-record.ts';

/**
 * Everything about a host's files in one go. $1: the install root, $2: the docker command. Standard input holds, tab-separated, `P <install path>`
 * followed by its `F <relative path>` lines. Few programs are started, however many services there are.
 */
export const observeScript = `
LC_ALL=C; export LC_ALL
tab=$(printf '\\t')
input=$(cat)
root=$1; docker=$2
while [ ! -d "$root" ]; do root=\${root%/*}; [ -n "$root" ] || root=/; done
set -- "$root"
[ -d /var/lib/docker ] && set -- "$root" /var/lib/docker
echo '= free'
df -Pk "$@" 2>/dev/null
plugin=
for directory in /usr/libexec /usr/lib /usr/local/libexec /usr/local/lib; do
  [ -x "$directory/docker/cli-plugins/docker-compose" ] && plugin=1
done
# Asking Docker takes as long as all the rest together, so it is asked only when the plug-in is not where it usually is.
[ -n "$plugin" ] || said=$("$docker" compose version --short 2>&1) || {
  echo '= nocompose'
  printf '%s\\n' "$said"
}
echo '= tcp'
grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
echo '= udp'
cat /proc/net/udp /proc/net/udp6 2>/dev/null
echo '= compose'
set --
while IFS="$tab" read -r kind value; do
  [ "$kind" = P ] || continue
  for name in compose.yaml compose.yml docker-compose.yaml docker-compose.yml \\
    compose.override.yaml compose.override.yml docker-compose.override.yaml docker-compose.override.yml; do
    [ -f "$value/$name" ] && printf '%s/%s\\n' "$value" "$name"
  done
  current=
  [ -f "$value/.sentinel/current" ] && read -r current < "$value/.sentinel/current"
  [ -n "$current" ] && [ -d "$value/.sentinel/releases/$current" ] && set -- "$@" "$value/.sentinel/releases/$current"
done <<LIST
$input
LIST
kept=
[ $# -gt 0 ] && kept=$(find "$@" -type f ! -name release.json)
set --
path=
while IFS="$tab" read -r kind value; do
  case $kind in
    P) path=$value ;;
    F) [ -f "$path/$value" ] && set -- "$@" "$path/$value" ;;
  esac
done <<LIST
$input
LIST
while read -r file; do
  [ -n "$file" ] || continue
  live=\${file%%/.sentinel/releases/*}/\${file#*/.sentinel/releases/*/}
  [ -f "$live" ] && set -- "$@" "$live"
  case $file in */.sentinel/releases/*/.env) set -- "$@" "$file" ;; esac
done <<LIST
$kept
LIST
echo '= hashes'
[ $# -gt 0 ] && sha256sum -- "$@"
echo '= programs'
for file; do [ -x "$file" ] && printf '%s\\n' "$file"; done
set --
while IFS="$tab" read -r kind value; do
  [ "$kind" = P ] && [ -f "$value/.env" ] && set -- "$@" "$value/.env"
done <<LIST
$input
LIST
echo '= loose'
[ $# -gt 0 ] && find "$@" \\( -perm -040 -o -perm -020 -o -perm -004 -o -perm -002 \\)
set --
while IFS="$tab" read -r kind value; do
  [ "$kind" = P ] || continue
  for file in "$value"/.sentinel/current "$value"/.sentinel/applying "$value"/.sentinel/releases/*/release.json; do
    [ -f "$file" ] && set -- "$@" "$file"
  done
done <<LIST
$input
LIST
echo '= records'
[ $# -gt 0 ] && grep '' /dev/null "$@"
exit 0
`;

export interface Asked {
  readonly path: string;
  readonly files: readonly string[];
}

/** The standard input of the script. `.env` and the compose file are always asked for. */
export function observeInput(asked: readonly Asked[]): string {
  return asked
    .flatMap(({ path, files }) => {
      const names = new Set(['docker-compose.yml', '.env', ...files]);
      return [`P\t${path}`, ...[...names].map((name) => `F\t${name}`)];
    })
    .map((line) => `${line}\n`)
    .join('');
}

export interface HostFiles {
  /** What Docker said when asked for its Compose plug-in and it had none. */
  readonly noCompose: string | null;
  readonly freeKilobytes: number | null;
  readonly listeners: readonly Listener[];
  readonly places: ReadonlyMap<string, Place>;
}

/** Turns the script's output into places. */
export function parseObservation(stdout: string, paths: readonly string[]): HostFiles {
  const sections = splitSections(stdout);
  const section = (name: string) => sections.get(name) ?? [];
  const hashes = parseHashes(section('hashes'));
  const listed = {
    records: section('records'),
    compose: section('compose'),
    programs: new Set(section('programs')),
    loose: section('loose'),
  };
  const places = paths.map((path): [string, Place] => [path, parsePlace(path, { hashes, ...listed })]);
  return {
    noCompose: sections.get('nocompose')?.join('\n') ?? null,
    freeKilobytes: parseFree(section('free')),
    listeners: [...parseListeners(section('tcp'), 'tcp'), ...parseListeners(section('udp'), 'udp')],
    places: new Map(places),
  };
}

function splitSections(stdout: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of stdout.split('\n')) {
    const name = /^= (\w+)$/.exec(line)?.[1];
    if (name === undefined) lines.push(line);
    else sections.set(name, (lines = []));
  }
  return sections;
}

function parseHashes(lines: readonly string[]): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const line of lines) {
    const [, hash, file] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (hash !== undefined && file !== undefined) hashes.set(file, hash);
  }
  return hashes;
}

function parsePlace(
  path: string,
  {
    hashes,
    records,
    compose,
    programs,
    loose,
  }: {
    readonly hashes: ReadonlyMap<string, string>;
    readonly records: readonly string[];
    readonly compose: readonly string[];
    readonly programs: ReadonlySet<string>;
    readonly loose: readonly string[];
  },
): Place {
  const own = `${path}/.sentinel/`;
  const lines = records.filter((line) => line.startsWith(own)).map((line) => line.slice(own.length));
  const current = lines.find((line) => line.startsWith('current:'))?.slice('current:'.length) ?? null;
  const files: Record<string, string> = {};
  for (const [file, hash] of hashes) {
    if (!file.startsWith(`${path}/`)) continue;
    const name = file.slice(path.length + 1);
    if (name === '.env' || name.startsWith('.sentinel/')) continue;
    // Compose files are read, whatever their mode.
    files[name] = name !== 'docker-compose.yml' && programs.has(file) ? hash + executableMark : hash;
  }
  return {
    ...nowhere(path),
    files,
    envHash: hashes.get(`${path}/.env`) ?? null,
    envIsLoose: loose.includes(`${path}/.env`),
    releasedEnvHash: hashes.get(`${own}releases/${current ?? ''}/.env`) ?? null,
    current: current === '' ? null : current,
    applying: parseApplying(lines),
    releases: parseReleases(lines),
    composeFiles: compose
      .filter((file) => file.startsWith(`${path}/`))
      .map((file) => file.slice(path.length + 1)),
  };
}

/** `applying:<release> <the one before, if any>` */
function parseApplying(lines: readonly string[]): Place['applying'] {
  const [, release, previous] =
    lines.map((line) => /^applying:(\S+) ?(\S*)$/.exec(line)).find((match) => match !== null) ?? [];
  return release === undefined ? null : { release, previous: previous === '' ? null : (previous ?? null) };
}

/** Newest first. Lines look like `releases/<id>/release.json:{…}`. */
export function parseReleases(lines: readonly string[]) {
  return lines
    .map((line) => /^releases\/([^/]+)\/release\.json:(.*)$/.exec(line))
    .flatMap((match) => (match?.[1] === undefined ? [] : [parseRelease(match[1], match[2] ?? '')]))
    .filter((release) => release !== null)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
}

function parseFree(lines: readonly string[]): number | null {
  const free = lines
    .map((line) => /\s(\d+)\s+(\d+)\s+(-?\d+)\s+\d+%\s/.exec(line)?.[3])
    .filter((value) => value !== undefined)
    .map(Number);
  return free.length === 0 ? null : Math.min(...free);
}

function parseListeners(lines: readonly string[], protocol: 'tcp' | 'udp'): readonly Listener[] {
  const listening = protocol === 'tcp' ? '0A' : '07';
  return lines.flatMap((line) => {
    const [, address, port, state] =
      /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2})\s/.exec(line) ??
      [];
    if (address === undefined || port === undefined || state !== listening) return [];
    return [{ protocol, address: decodeAddress(address), port: parseInt(port, 16) }];
  });
}

/** The kernel prints addresses in the machine's byte order; all machines we know of are little-endian. */
function decodeAddress(hex: string): string {
  if (/^0+$/.test(hex)) return '*';
  const bytes = hex.match(/.{8}/g)?.flatMap((word) => (word.match(/../g) ?? []).toReversed()) ?? [];
  const mapped = bytes.length === 16 && bytes.slice(0, 12).join('') === '00000000000000000000FFFF';
  if (bytes.length === 4 || mapped)
    return bytes
      .slice(-4)
      .map((byte) => parseInt(byte, 16))
      .join('.')
      .replace(/^0\.0\.0\.0$/, '*');
  return bytes
    .join('')
    .toLowerCase()
    .replace(/(.{4})(?=.)/g, '$1:');
}
