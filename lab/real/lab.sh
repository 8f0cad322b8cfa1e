#!/usr/bin/env bash
# Real Docker hosts on one machine: each is a set of Linux namespaces with its own OpenSSH server, Docker Engine,
# Compose plug-in, disk and network address. One more holds a bridge and a registry they all pull from.
#
#   LAB_DIR=<directory> lab.sh up          make or complete the lab; prints its description as JSON
#   LAB_DIR=<directory> lab.sh status      prints the same; exit 0 ready, 1 incomplete, 3 no lab
#   LAB_DIR=<directory> lab.sh down        end everything and remove the directory
#   LAB_DIR=<directory> lab.sh host-down <host>       a power cut; its disk is kept
#   LAB_DIR=<directory> lab.sh host-up <host>         boot it again
#   LAB_DIR=<directory> lab.sh exec <host> <command…> run a program on a host, without SSH
#   lab.sh check                           exit 0 when `up` can work here, else the reason on standard error
#   lab.sh install                         Debian packages and the Compose plug-in, once per machine
#
# Needs root. `down` ends only what `up` started. inside.sh runs within the namespaces.
#   LAB_HOSTS     how many hosts (2)
#   LAB_DISK_MB   size of a host's disk (2048)
#   LAB_OWNER     process id; when that process is gone, the lab is taken down
#   LAB_COMPOSE   the docker-compose plug-in to use, when not the installed one
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PATH=$PATH:/usr/sbin:/sbin

tell() { echo "lab: $*" >&2; }
fail() { tell "$*"; exit 1; }

# ------------------------------------------------------------------ processes we started

# A process is known by its id and start time, so that a reused id is never taken for ours.
started_at() { [ -r "/proc/$1/stat" ] && sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f1,20 | grep -v '^Z' | cut -d' ' -f2; }
remember() { # fails when the process is gone already: then there is nothing to end
  local start
  start=$(started_at "$2") && [ -n "$start" ] && echo "$2 $start" > "$LAB_DIR/pids/$1"
}
living() { # prints the process id while that very process lives
  local pid start
  read -r pid start 2>/dev/null < "$LAB_DIR/pids/$1" || return 1
  # Without a start time it was gone when we wrote it down.
  [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] && echo "$pid"
}
end() { # a namespace's first process takes everything in it along
  local pid
  if pid=$(living "$1"); then
    kill -KILL "$pid" 2>/dev/null || true
    until_true 10 "end of $1" gone "$1"
  fi
  rm -f "$LAB_DIR/pids/$1"
}
gone() { ! living "$1" >/dev/null; }
until_true() { # seconds, what we wait for, command
  local tries=$(($1 * 50)) what=$2
  shift 2
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "gave up waiting: $what (see $LAB_DIR/log)"
    sleep 0.02
  done
}

. "$here/machine.sh"

# ------------------------------------------------------------------ namespaces

# Starts inside.sh as the first process of new namespaces: name, role, arguments.
enter_new() {
  local name=$1 outer
  shift
  setsid unshare --mount --net --pid --ipc --uts --fork --kill-child=KILL --mount-proc --propagation private \
    env LAB_DIR="$LAB_DIR" NET="$NET" ID="$ID" HOSTS="$HOSTS" DISK_MB="$DISK_MB" COMPOSE="$(find_compose)" \
    bash "$here/inside.sh" "$@" >> "$LAB_DIR/log/$name.log" 2>&1 < /dev/null 7>&- &
  outer=$!
  remember "$name.unshare" "$outer" || fail "$name ended at once (see $LAB_DIR/log/$name.log)"
  until_true 10 "namespaces of $name" remember_child "$name" "$outer"
}
# Found once is found: the kernel's list of children may miss one that is there while others come and go.
remember_child() {
  local inner
  inner=$(child_of "$2") || return 1
  remember "$1" "$inner"
}
child_of() { # the child that is in another process namespace already
  local child
  for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
    if [ "$(readlink "/proc/$child/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]; then echo "$child"; return; fi
  done
  return 1
}
stop_namespaces() { end "$1"; end "$1.unshare"; }

# A cable between a namespace and the switch: name, number.
plug_in() {
  local pid switch end="$ID-$2"
  pid=$(living "$1")
  switch=$(living switch)
  ip link add "$end" type veth peer name "$end-in"
  # The same address after a reboot, or neighbours would go on sending to the old one.
  ip link set "$end-in" address "$(printf '02:5e:%02x:00:00:%02x' "${NET##*.}" "$2")"
  ip link set "$end-in" netns "$pid" name eth0
  ip link set "$end" netns "$switch"
  nsenter -t "$switch" -n ip link set "$end" master bridge up
  nsenter -t "$pid" -n ip addr add "$NET.$((10 + $2))/24" dev eth0
  nsenter -t "$pid" -n ip link set eth0 up
  nsenter -t "$pid" -n ip route add default via "$NET.1"
}

start_switch() {
  living switch >/dev/null && return
  local number
  for number in $(seq "$HOSTS"); do stop_namespaces "h$number"; done # they would be without a network
  rm -f "$LAB_DIR/switch.ready"
  enter_new switch switch
  until_true 10 'the switch' test -e "$LAB_DIR/switch.ready"
  ip link add "$ID" type veth peer name "$ID-up"
  ip link set "$ID-up" netns "$(living switch)"
  nsenter -t "$(living switch)" -n ip link set "$ID-up" master bridge up
  ip addr add "$NET.1/24" dev "$ID"
  ip link set "$ID" up
}

start_host() {
  living "h$1" >/dev/null && return
  enter_new "h$1" host "h$1"
  join_cgroups "$ID/h$1/system" "$(living "h$1")"
  plug_in "h$1" "$1"
}
host_ready() {
  docker_of "$1" version && (exec 5<> "/dev/tcp/$NET.$((10 + ${1#h}))/22") && [ -s "$LAB_DIR/$1/host_key.pub" ]
}
docker_of() { local host=$1; shift; docker -H "unix:///proc/$(living "$host")/root/run/docker.sock" "$@"; }
registry_ready() { (exec 5<> "/dev/tcp/$NET.2/5000"); }

# cgroups, version 1 or 2: hosts are below one group of the lab, so that their cost can be read and nothing is left over
cgroup_trees() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup; return; fi
  local tree
  for tree in /sys/fs/cgroup/*/; do
    tree=${tree%/}
    if [ -L "$tree" ] || [ ! -f "$tree/cgroup.procs" ]; then continue; fi
    case $tree in */cpuset | */unified) ;; *) echo "$tree" ;; esac
  done
}
join_cgroups() {
  local tree
  for tree in $(cgroup_trees); do { mkdir -p "$tree/$1" && echo "$2" > "$tree/$1/cgroup.procs"; } 2>/dev/null || true; done
}
leave_cgroups() {
  local tree
  for tree in /sys/fs/cgroup /sys/fs/cgroup/*; do
    if [ -d "$tree/$ID" ]; then find "$tree/$ID" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
  done
  [ -z "$(find /sys/fs/cgroup -maxdepth 2 -path "*/$ID" 2>/dev/null)" ]
}

# ------------------------------------------------------------------ commands

read_settings() { [ -s "$LAB_DIR/settings" ] && . "$LAB_DIR/settings"; }

choose_settings() {
  local third
  ID=sl$(printf '%s' "$LAB_DIR" | cksum | cut -c1-5)
  HOSTS=${LAB_HOSTS:-2}
  DISK_MB=${LAB_DISK_MB:-2048}
  for third in $(seq 20 250); do
    NET=10.214.$third
    [ -z "$(ip -o -4 addr show to "$NET.0/24")$(ip -4 route show "$NET.0/24")" ] && break
  done
  printf 'ID=%s\nHOSTS=%s\nDISK_MB=%s\nNET=%s\n' "$ID" "$HOSTS" "$DISK_MB" "$NET" > "$LAB_DIR/settings"
}

# A test run that is killed must not leave hosts behind.
follow_owner() {
  [ -n "${LAB_OWNER:-}" ] && gone watch || return 0
  setsid bash -c 'while [ -d "/proc/$1" ] && [ -d "$LAB_DIR/pids" ]; do sleep 1; done; exec "$2" down' \
    watch "$LAB_OWNER" "$here/lab.sh" > /dev/null 2>&1 < /dev/null 7>&- &
  remember watch $!
}

command_up() {
  local number
  command_check
  mkdir -p "$LAB_DIR"/{pids,log,registry}
  chmod 700 "$LAB_DIR"
  exec 7> /run/lock/sentinel-lab # two labs that start at once must not choose the same network
  flock -w 120 7 || fail 'another lab is starting'
  read_settings || choose_settings
  [ -f "$LAB_DIR/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$LAB_DIR/id_ed25519"
  export LAB_DIR
  follow_owner
  start_switch
  exec 7>&-
  for number in $(seq "$HOSTS"); do start_host "$number"; done
  until_true 20 'the registry' registry_ready
  for number in $(seq "$HOSTS"); do until_true 40 "h$number" host_ready "h$number"; done
  command_status
}

command_status() {
  read_settings || { echo '{"up":false,"hosts":[]}'; return 3; }
  local number name ready up=true hosts='' separator=''
  for number in $(seq "$HOSTS"); do
    name=h$number ready=true
    host_ready "$name" >/dev/null 2>&1 || ready=false up=false
    hosts+=$separator$(printf '{"name":"%s","ready":%s,"pid":%s,"address":"%s.%s","port":22,"user":"root","host_key":"%s"}' \
      "$name" $ready "$(living "$name" || echo 0)" "$NET" $((10 + number)) "$(cut -d' ' -f1,2 "$LAB_DIR/$name/host_key.pub" 2>/dev/null)")
    separator=,
  done
  registry_ready 2>/dev/null || up=false
  printf '{"up":%s,"directory":"%s","key":"%s","registry":"registry.lab:5000","registry_address":"%s.2:5000","hosts":[%s]}\n' \
    $up "$LAB_DIR" "$LAB_DIR/id_ed25519" "$NET" "$hosts"
  [ $up = true ]
}

command_down() {
  [ -d "$LAB_DIR" ] || return 0
  [ -d "$LAB_DIR/pids" ] || fail "$LAB_DIR is not a lab"
  local file
  [ "$$" = "$(living watch || true)" ] || end watch # unless it is the one taking down
  for file in "$LAB_DIR"/pids/h* "$LAB_DIR"/pids/switch*; do
    if [ -e "$file" ]; then end "$(basename "$file")"; fi
  done
  if read_settings; then
    ip link del "$ID" 2>/dev/null || true
    until_true 10 'cgroups to empty' leave_cgroups
  fi
  until_true 10 "removal of $LAB_DIR" rm -rf --one-file-system "$LAB_DIR"
}

command_exec() {
  local pid
  pid=$(living "$1") || fail "$1 is off"
  shift
  exec nsenter -t "$pid" -a -- "$@"
}

main() {
  local command=${1:-help}
  [ $# -eq 0 ] || shift
  case $command in
    install) command_install; return ;;
    check) command_check; return ;;
    up | status | down | host-down | host-up | exec) ;;
    *) sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | head -n -1 >&2; exit 2 ;;
  esac
  [ -n "${LAB_DIR:-}" ] || fail 'set LAB_DIR to a directory for the lab'
  LAB_DIR=$(readlink -m "$LAB_DIR")
  case $LAB_DIR in / | /etc* | /usr* | /proc* | /sys* | /dev* | /run | /var | /home | /root | /tmp) fail "LAB_DIR cannot be $LAB_DIR" ;; esac
  case $command in
    up) command_up ;;
    status) command_status ;;
    down) command_down ;;
    exec) read_settings || fail 'no lab'; command_exec "$@" ;;
    host-down) read_settings || fail 'no lab'; stop_namespaces "$1" ;;
    host-up) read_settings || fail 'no lab'; start_host "${1#h}"; until_true 40 "$1" host_ready "$1" ;;
  esac
}
main "$@"
