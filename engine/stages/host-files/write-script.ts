/** Days after which a kept text goes; far longer than anybody waits with an undo. */
const oldestDays = 90;
/** How many texts stay, apart from those of the last day, which a deployment that still runs may need. */
const mostKept = 1000;

/** What the script ends with when somebody else held the lock all the time. */
export const lockHeldExit = 75;

/**
 * $1 where texts are kept, $2 the container, $3 the docker command, $4 seconds to wait for the lock, $5 seconds to wait
 * for docker. Comparing and replacing happen under one lock, so that two of us never overwrite each other's change
 * unseen; docker is asked before, so that nobody waits for it with us. Names of temporary files end in no ending that a
 * program loads, and cannot be known before, so that nobody can plant a link there.
 */
export const writeScript = `
set -u
umask 077
kept=$1 container=$2 docker=$3 lock_wait=$4 docker_wait=$5
path= real= directory= expected= beside=
trap '[ -z "$beside" ] || rm -f -- "$beside"' EXIT
trap 'exit 143' HUP INT TERM
fail() { printf '%s: %s\\n' "$path" "$1" >&2; exit 1; }

mounts=
if [ -n "$container" ]; then
  limit=
  if timeout -k 2 10 true 2> /dev/null; then limit="timeout -k 2 $docker_wait"; fi
  mounts=$($limit "$docker" container inspect -f '{{range .Mounts}}{{println .Source}}{{end}}' "$container" 2>&1 < /dev/null)
  code=$?
  if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
    printf 'docker did not tell within %s seconds what %s has mounted\\n' "$docker_wait" "$container" >&2; exit 1
  elif [ "$code" -ne 0 ]; then
    printf '%s' "$mounts" | grep -Eiq 'no such (container|object)' ||
      { printf 'what %s has mounted is not known:\\n%s\\n' "$container" "$mounts" >&2; exit 1; }
    mounts=
  fi
fi

(umask 022; mkdir -p -- "\${kept%/*/*}/") && mkdir -p -- "$kept" || exit 1
if command -v flock > /dev/null 2>&1; then
  exec 9>> "$kept/.lock" || exit 1
  said=$(flock -w "$lock_wait" 9 2>&1)
  code=$?
  if [ "$code" -eq 1 ] && [ -z "$said" ]; then exit ${lockHeldExit}; fi
  [ "$code" -eq 0 ] || { printf '%s/.lock could not be taken: %s\\n' "$kept" "\${said:-flock ended with $code}" >&2; exit 1; }
fi

sum() { sha256sum | cut -d' ' -f1; }
hash_of() { if [ -f "$1" ]; then sum < "$1"; else printf -- '-'; fi; }
alone() { printf '%s\\n' "$mounts" | grep -Fxq -e "$path" -e "$real"; }
keep() { # what the command $@ prints, under the hash it has
  beside=$(mktemp "$kept/.new.XXXXXX") && "$@" > "$beside" && mv -f -- "$beside" "$kept/$(hash_of "$beside")" ||
    fail 'what was there could not be kept'
  beside=
}
decode() { printf '%s' "$1" | base64 -d; }
note_of() { printf '%s/%s.%s' "$kept" "$1" "$(printf '%s' "$path" | sum)"; }
remember() { # beside the kept text $1, of a file that goes: its mode and owner, or where the link led
  note=$(note_of "$1")
  rm -f -- "$note"
  if [ -L "$path" ]; then ln -s -- "$(readlink -- "$path")" "$note"
  else cp -p -- "$real" "$note" && touch -- "$note"; fi || fail 'what was there could not be kept'
}
relink() { # the link $1 at the path again, when it still leads to the text with hash $2
  target=$(readlink -- "$1")
  [ "$(cd -- "$directory" && hash_of "$target")" = "$2" ] && ln -s -- "$target" "$path"
}
temporary() {
  find "$directory" -maxdepth 1 -type f \\( -name '.sentinel.??????.tmp' -o -name '.sentinel.tmp.??????' \\) \\
    -mmin +60 -exec rm -f -- {} +
  beside=$(mktemp "$directory.sentinel.XXXXXX.tmp" 2> /dev/null || mktemp "$directory.sentinel.tmp.XXXXXX") &&
    [ -f "$beside" ] && [ ! -L "$beside" ] || fail 'could not be written'
}
put() { # the text $1 in base64, where the text with hash $2 is
  directory=\${real%/*}/
  (umask 022; mkdir -p -- "$directory") || fail 'its directory could not be made'
  model=$real
  if [ "$2" = - ]; then
    new=$(decode "$1" | sum)
    model=$(note_of "$new")
    if [ -L "$model" ] && relink "$model" "$new"; then return; fi
  fi
  temporary
  if [ -f "$model" ] && [ ! -L "$model" ]; then cp -p -- "$model" "$beside" || fail 'could not be written'
  else chmod 644 -- "$beside"; fi
  decode "$1" > "$beside" || fail 'could not be written'
  sync -- "$beside" 2> /dev/null || sync
  if alone; then
    cat -- "$beside" > "$real" ||
      { [ "$2" = - ] || cat -- "$kept/$2" > "$real"; fail 'could not be written in place'; }
    rm -f -- "$beside"
  else mv -f -- "$beside" "$real" || fail 'could not be put in place'; fi
  beside=
}

while IFS= read -r line; do
  rest=\${line#? }
  case $line in
    'k '*) path=$kept; keep decode "$rest" ;;
    'p '*) path=$rest; real=$(readlink -f -- "$rest" 2> /dev/null) || real=$rest; [ -n "$real" ] || real=$rest ;;
    'x '*) expected=$rest ;;
    'w '*|r)
      [ ! -e "$real" ] || [ -f "$real" ] || fail 'is not a file'
      now=$(hash_of "$real")
      if [ "$now" != "$expected" ]; then printf 'm %s\\n' "$path"; continue; fi
      [ "$now" = - ] || keep cat -- "$real"
      if [ "$line" != r ]; then put "$rest" "$now"
      elif [ "$now" != - ]; then remember "$now"; rm -f -- "$path" || fail 'could not be removed'; fi
      printf 'w %s\\n' "$path" ;;
  esac
done

cd -- "$kept" || exit 0
find . -maxdepth 1 -name '.new.??????' -mmin +60 -exec rm -f -- {} +
find . -maxdepth 1 ! -name '.*' ! -type d -mtime +${oldestDays} -exec rm -f -- {} +
ls -t | tail -n +${mostKept + 1} | sed 's|^|./|' |
  xargs -r sh -c 'find "$@" -maxdepth 0 ! -type d -mtime +0 -exec rm -f -- {} +' sh
exit 0`;
