/**
 * Runs the script in $1 apart from this connection, so that losing it does not stop Compose half-way; $2 is the install
 * path, the rest are the script's arguments. Waits for it, prints its output and answers its exit code.
 */
export const detachScript = `
script=$1; shift
own=$1/.sentinel
umask 077
mkdir -p "$own" || exit 1
rm -f "$own/apply.code"
if command -v setsid >/dev/null 2>&1; then
  setsid sh -c "$script" sentinel-apply "$@" > "$own/apply.log" 2>&1 < /dev/null &
else
  nohup sh -c "$script" sentinel-apply "$@" > "$own/apply.log" 2>&1 < /dev/null &
fi
pid=$!
echo "$pid" > "$own/apply.pid"
wait "$pid"
code=$?
rm -f "$own/apply.pid" "$own/apply.code"
cat "$own/apply.log" 2>/dev/null
exit "$code"
`;

/** Exit code of `attachScript` when nothing is known of the detached script, or it was ended. */
export const lost = 75;

/** Finds the detached script for path $1 again after a lost connection, waits for its end and answers for it. */
export const attachScript = `
own=$1/.sentinel
pid=
[ -f "$own/apply.pid" ] && read -r pid < "$own/apply.pid"
case $pid in ''|*[!0-9]*) ;; *)
  while grep -qs sentinel-apply "/proc/$pid/cmdline"; do sleep 0.2; done ;;
esac
rm -f "$own/apply.pid"
cat "$own/apply.log" 2>/dev/null
code=${lost}
[ -f "$own/apply.code" ] && read -r code < "$own/apply.code" && rm -f "$own/apply.code"
exit "$code"
`;

const shared = `
umask 022
path=$1; project=$2; docker=$3
own=$path/.sentinel
trap 'code=$?; (umask 077; echo "$code" > "$own/apply.code")' EXIT
cd "$path" || exit 1
begun=
[ -f "$own/applying" ] && read -r begun before < "$own/applying"
# Through cat, which says why it cannot write; a shell's own printf only says “I/O error”.
write() { printf '%s\\n' "$2" | cat > "$1"; }
drop_begun() {
  [ -n "$begun" ] && [ ! -f "$own/releases/$begun/release.json" ] && rm -rf "$own/releases/$begun"
  return 0
}
drop_half_made() { # a Compose that was ended leaves containers it had made and not started, in the way of the next one
  [ -n "$begun" ] || return 0
  half=$("$docker" ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter status=created) || return 1
  [ -z "$half" ] || "$docker" rm -f $half
}
each() { # calls $1 with every line of $2
  [ -n "$2" ] || return 0
  while IFS= read -r item; do "$1" "$item" || exit 1; done <<LIST
$2
LIST
}
compose_down() { # arguments go to down
  for file in docker-compose.yml compose.yaml compose.yml docker-compose.yaml; do
    [ -f "$path/$file" ] || continue
    "$docker" compose -p "$project" --project-directory "$path" -f "$path/$file" --ansi never down --remove-orphans "$@" && return 0
    break
  done
  # Without a usable file Compose finds the project by its labels; away from here, or it would read the file again.
  (cd / && "$docker" compose -p "$project" --ansi never down --remove-orphans "$@")
}
`;

/**
 * Puts the release $4 in place and up. $5: the one before it, for whoever finds this half done. $6: its record when it is
 * new. Lists, a line each: $7 its files, $8 files that go away, $9 compose services to recreate, then releases to forget.
 * Renaming within one directory is atomic; should the power fail before the data is on disk, hashes tell at the next plan.
 */
export const applyScript = `${shared}
release=$4; previous=$5; record=$6; files=$7; removals=$8; recreated=$9; shift 9; forgotten=$1
kept=$own/releases/$release
[ -d "$kept" ] || { echo "release $release is not on the host"; exit 1; }
write "$own/applying" "$release $previous" || exit 1
if [ -n "$record" ]; then
  [ -f docker-compose.yml ] && cp -p docker-compose.yml docker-compose.yml.bak
  [ -f .env ] && (umask 077; cp -p .env .env.bak)
fi
put() {
  if [ -d "$1" ]; then rmdir -- "$1" || return 1; fi
  if [ -e "$1" ] && { { [ -x "$1" ] && [ -x "$kept/$1" ]; } || { [ ! -x "$1" ] && [ ! -x "$kept/$1" ]; }; }; then
    cmp -s -- "$kept/$1" "$1" && return 0
  fi
  case $1 in */*) mkdir -p -- "\${1%/*}" || return 1 ;; esac
  cp -p -- "$kept/$1" "$1.sentinel-new" && mv -f -- "$1.sentinel-new" "$1"
}
remove() { [ -f "$kept/$1" ] || rm -f -- "$1"; }
each put "$files"
if [ -f "$kept/.env" ]; then put .env && chmod 600 .env || exit 1; fi
[ -f .env.bak ] && chmod 600 .env.bak
each remove "$removals"
drop_half_made || exit 1
file=
# A release of ours always has its own file; a find may have run from a file of another name, which nobody moved.
for name in compose.yaml compose.yml docker-compose.yaml docker-compose.yml; do
  [ -f "$path/$name" ] && [ "$name" != docker-compose.yml ] && file=$name && break
done
[ -f "$kept/docker-compose.yml" ] && file=docker-compose.yml
if [ -z "$file" ]; then
  compose_down || exit 1
else
  set -- "$docker" compose -p "$project" --project-directory "$path" -f "$path/$file"
  case $release in found-*)
    for name in compose.override.yaml compose.override.yml docker-compose.override.yaml docker-compose.override.yml; do
      [ -f "$path/$name" ] && { set -- "$@" -f "$path/$name"; break; }
    done ;;
  esac
  set -- "$@" --ansi never up -d --no-build --pull never --remove-orphans
  # What was cut off may have told a container to stop that still runs; only a new one is sure to stay.
  if [ -n "$begun" ]; then
    set -- "$@" --force-recreate
  elif [ -n "$recreated" ]; then
    (
      set -- "$@" --force-recreate
      while IFS= read -r item; do set -- "$@" "$item"; done <<LIST
$recreated
LIST
      "$@"
    ) || exit 1
  fi
  "$@" || exit 1
fi
[ -n "$record" ] && { (umask 077; write "$kept/release.json" "$record") || exit 1; }
write "$own/current.new" "$release" && mv -f "$own/current.new" "$own/current" || exit 1
drop_begun
rm -f "$own/applying"
forget() { rm -rf -- "$own/releases/$1"; }
each forget "$forgotten"
exit 0
`;

/** Takes the project off the host. $4: \`-v\` deletes its volumes. $5: files that go away, a line each; $6: releases to forget. */
export const removeScript = `${shared}
volumes=$4; removals=$5; forgotten=$6
if [ -n "$volumes" ]; then compose_down "$volumes" || exit 1; else compose_down || exit 1; fi
remove() { rm -f -- "$1"; }
each remove "$removals"
rm -f "$own/current"
drop_begun
rm -f "$own/applying"
forget() { rm -rf -- "$own/releases/$1"; }
each forget "$forgotten"
rmdir "$own/releases" 2>/dev/null
exit 0
`;

/**
 * Keeps what is in $1 as the release $2 with the record $3; $4 lists the files, a line each. An earlier find of the same
 * name is replaced when its content is another, unless a deployment over it was begun: then it is the way back.
 */
export const snapshotScript = `
umask 077
cd "$1" || exit 1
own=$1/.sentinel
kept=$own/releases/$2
begun=
[ -f "$own/applying" ] && read -r begun before < "$own/applying" && [ -f "$kept/release.json" ] && exit 0
fresh=$kept.new
rm -rf "$fresh"
mkdir -p "$fresh" || exit 1
while IFS= read -r file; do
  [ -f "$file" ] || continue
  case $file in */*) mkdir -p "$fresh/\${file%/*}" || exit 1 ;; esac
  cp -p -- "$file" "$fresh/$file" || exit 1
done <<LIST
$4
LIST
printf '%s\\n' "$3" | cat > "$fresh/release.json" || exit 1
rm -rf "$kept"
mv "$fresh" "$kept"
`;
