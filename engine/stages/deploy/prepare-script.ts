import type { Release } from '../../types.ts';
import { parseReleases } from './observe-script.ts';

/**
 * Ends what an earlier, cut-off deployment of these projects still runs, and tells what is kept. Standard input holds
 * one install path a line. A process is only ended when its own command line says that it is ours and for this path.
 */
export const prepareScript = `
LC_ALL=C; export LC_ALL
input=$(cat)
ours() {
  [ -r "/proc/$1/cmdline" ] || return 1
  words=$(tr '\\000' '\\n' < "/proc/$1/cmdline" 2>/dev/null)
  case "$words" in *sentinel-apply*) ;; *) return 1 ;; esac
  printf '%s\\n' "$words" | grep -qxF -e "$2"
}
set --
while read -r path; do
  [ -n "$path" ] || continue
  if [ -f "$path/.sentinel/apply.pid" ]; then
    pid=
    read -r pid < "$path/.sentinel/apply.pid"
    case $pid in ''|*[!0-9]*) pid= ;; esac
    if [ -n "$pid" ] && ours "$pid" "$path"; then
      kill -TERM "-$pid" 2>/dev/null
      rounds=0
      while kill -0 "-$pid" 2>/dev/null && [ "$rounds" -lt 100 ]; do sleep 0.1; rounds=$((rounds + 1)); done
      kill -KILL "-$pid" 2>/dev/null
    fi
    rm -f "$path/.sentinel/apply.pid"
  fi
  [ -f "$path/.sentinel/apply.code" ] && rm -f "$path/.sentinel/apply.code"
  for file in "$path"/.sentinel/current "$path"/.sentinel/applying "$path"/.sentinel/releases/*/release.json; do
    [ -f "$file" ] && set -- "$@" "$file"
  done
done <<LIST
$input
LIST
cores=$(nproc 2>/dev/null) || cores=1
echo "= cores $cores"
[ $# -gt 0 ] && grep '' /dev/null "$@"
exit 0
`;

/** What is kept in one install directory. */
export interface Kept {
  readonly releases: readonly Release[];
  readonly current: string | null;
  readonly applying: string | null;
}
export interface Prepared {
  readonly cores: number;
  readonly kept: ReadonlyMap<string, Kept>;
}

export function parsePrepared(stdout: string, paths: readonly string[]): Prepared {
  const lines = stdout.split('\n');
  const after = (prefix: string) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  const keptOf = (path: string): Kept => {
    const own = after(`${path}/.sentinel/`);
    const marker = (name: string) =>
      own
        .find((line) => line.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .split(' ')[0] ?? null;
    return { releases: parseReleases(own), current: marker('current'), applying: marker('applying') };
  };
  return {
    cores: Math.max(1, Number(after('= cores ')[0] ?? 1) || 1),
    kept: new Map(paths.map((path) => [path, keptOf(path)])),
  };
}
