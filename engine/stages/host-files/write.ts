import { failureOf } from '../deploy/classify.ts';
import type { RemoteHost } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import { keptDirectory } from './kept.ts';

export interface FileWrite {
  /** Absolute. */
  readonly path: string;
  /** Hex sha256 of what has to be there now; null: nothing. */
  readonly expected: string | null;
  /** Null takes the file away. */
  readonly text: string | null;
}
export interface Writing {
  readonly writes: readonly FileWrite[];
  /** Texts to keep besides the files' own, such as lines that are taken out of one. */
  readonly keep?: readonly string[];
  /** The container that reads the files, where there is one: a file mounted by itself is written in place. */
  readonly container?: string | null;
}
/** `moved`: somebody else changed the file since it was read, so it was left alone. */
export type Written = 'written' | 'moved';

/**
 * Replaces files in one round trip: each is written beside and renamed, or in place where it is mounted by itself, and
 * what was there is kept under its hash. Answers by path. Throws ProblemError when nothing more can be written; what it
 * names was left as it was.
 */
export async function writeHostFiles(
  host: RemoteHost,
  { writes, keep = [], container = null }: Writing,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Written>> {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const lines = [
    ...keep.map((text) => `k ${base64(text)}`),
    ...writes.flatMap(({ path, expected, text }) => [
      `p ${path}`,
      `x ${expected ?? '-'}`,
      text === null ? 'r' : `w ${base64(text)}`,
    ]),
  ];
  const stdin = lines.map((line) => `${line}\n`).join('');
  const args = [keptDirectory(host.entry), container ?? '', host.entry.docker.command];
  const result = await host.run({ script: writeScript, args, stdin }, signal);
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: host.entry.name, command: 'write files' }, result));
  return new Map(
    result.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(2), line.startsWith('w ') ? 'written' : 'moved']),
  );
}

/** How many texts are kept; more than any number of rollbacks in a row needs. */
const mostKept = 200;

/**
 * $1 where texts are kept, $2 the container, $3 the docker command. Comparing and replacing happen under one lock, so
 * that two of us never overwrite each other's change unseen.
 */
const writeScript = `
set -u
umask 077
kept=$1 container=$2 docker=$3
mkdir -p -- "$kept" || exit 1
if command -v flock > /dev/null 2>&1; then
  exec 9> "$kept/.lock" && flock -w 30 9 || { printf 'another Sentinel writes files on this host\\n' >&2; exit 1; }
fi
hash_of() { if [ -f "$1" ]; then sha256sum < "$1" | cut -d' ' -f1; else printf -- '-'; fi; }
fail() { printf '%s: %s\\n' "$path" "$1" >&2; [ -z "\${beside:-}" ] || rm -f -- "$beside"; exit 1; }
alone() {
  [ -n "$container" ] || return 1
  "$docker" inspect -f '{{range .Mounts}}{{println .Source}}{{end}}' "$container" 2> /dev/null | grep -Fxq -- "$1"
}
keep() { cp -- "$1" "$kept/.new" && mv -f -- "$kept/.new" "$kept/$2" || fail 'what was there could not be kept'; }
put() {
  beside="$real.sentinel.tmp"
  if [ -f "$real" ]; then cp -p -- "$real" "$beside" || fail 'could not be written'
  else : > "$beside" || fail 'could not be written'; chmod 644 -- "$beside"; fi
  printf '%s' "$1" | base64 -d > "$beside" || fail 'could not be written'
  sync -- "$beside" 2> /dev/null || sync
  if alone "$real"; then cat -- "$beside" > "$real" && rm -f -- "$beside" || fail 'could not be written in place'
  else mv -f -- "$beside" "$real" || fail 'could not be put in place'; fi
  beside=
}
path= real= expected= beside=
while IFS= read -r line; do
  rest=\${line#? }
  case $line in
    'k '*) path=$kept; printf '%s' "$rest" | base64 -d > "$kept/.new" || fail 'texts could not be kept'
      mv -f -- "$kept/.new" "$kept/$(sha256sum < "$kept/.new" | cut -d' ' -f1)" || fail 'texts could not be kept' ;;
    'p '*) path=$rest; real=$(readlink -f -- "$rest" 2> /dev/null) || real=$rest; [ -n "$real" ] || real=$rest ;;
    'x '*) expected=$rest ;;
    'w '*|r)
      now=$(hash_of "$real")
      if [ "$now" != "$expected" ]; then printf 'm %s\\n' "$path"; continue; fi
      [ "$now" = - ] || keep "$real" "$now"
      if [ "$line" = r ]; then rm -f -- "$real" || fail 'could not be removed'
      else mkdir -p -- "\${real%/*}" && put "$rest"; fi
      printf 'w %s\\n' "$path" ;;
  esac
done
ls -t -- "$kept" | tail -n +${mostKept + 1} | while IFS= read -r old; do rm -f -- "$kept/$old"; done
exit 0`;
