/**
 * $1: the lock's one line of JSON, $2: its holder's id, $3: seconds after which a lock nobody touched is free, $4: ids,
 * a word each, of holders known to be dead, whose locks are free at once. Standard input: install paths, a line each. All or none, under one lock of the whole host; the host's own clock counts.
 */
export const takeScript = `
umask 077
input=$(cat)
place=/run
[ -d "$place" ] && [ -w "$place" ] || place=\${TMPDIR:-/tmp}
if command -v flock >/dev/null 2>&1; then
  exec 9>>"$place/sentinel.flock" || exit 1
  flock -w 20 9 || { echo "another Sentinel is taking locks on this host" >&2; exit 1; }
fi
umask 022
line=$1; id=$2; seconds=$3; dead=$4
free_at_once() { # whether the lock's line $1 names us or somebody dead
  for one in $id $dead; do case $1 in *"\\"id\\":\\"$one\\""*) return 0 ;; esac; done
  return 1
}
now=$(date +%s)
limit=$(mktemp "$place/sentinel.XXXXXX") || exit 1
trap 'rm -f "$limit"' EXIT
touch -d "@$((now - seconds))" "$limit" || exit 1
while IFS= read -r path; do
  lock=$path/.sentinel/lock
  [ -f "$lock" ] || continue
  by=
  read -r by < "$lock"
  free_at_once "$by" && continue
  if [ "$lock" -nt "$limit" ]; then printf 'taken %s\\t%s\\n' "$path" "$by"; exit 3; fi
done <<LIST
$input
LIST
set --
while IFS= read -r path; do set -- "$@" "$path"; done <<LIST
$input
LIST
made=
for path; do [ -d "$path" ] || made="$made$path
"; done
mkdir -p -- "$@" || exit 1
umask 077
for path; do [ -d "$path/.sentinel" ] || mkdir "$path/.sentinel" || exit 1; done
while IFS= read -r path; do
  [ -n "$path" ] && : > "$path/.sentinel/made"
done <<LIST
$made
LIST
# Through cat, which says why it cannot write; a shell's own printf only says “I/O error”.
for path; do printf '%s\\n' "$line" | cat > "$path/.sentinel/lock" || exit 1; done
`;

const mine = `
id=$1
set --
while IFS= read -r path; do
  lock=$path/.sentinel/lock
  [ -f "$lock" ] || continue
  by=
  read -r by < "$lock"
  case $by in *"\\"id\\":\\"$id\\""*) set -- "$@" "$lock" ;; esac
done
[ $# -gt 0 ] || exit 0
`;

/** $1: the holder's id. Touches those of the locks on standard input that are still its own, and tells how many. */
export const beatScript = `${mine}touch -c -- "$@" && echo "$#"`;

/** $1: the holder's id. Removes those that are still its own, and directories made for them that hold nothing else. */
export const freeScript = `${mine}rm -f -- "$@"
for lock; do
  own=\${lock%/lock}
  made=
  [ -f "$own/made" ] && made=1
  [ -d "$own/releases" ] || rm -f -- "$own/apply.log" "$own/apply.code"
  rm -f -- "$own/made"
  rmdir "$own" 2>/dev/null && [ -n "$made" ] && rmdir "\${own%/.sentinel}" 2>/dev/null
done
exit 0`;
