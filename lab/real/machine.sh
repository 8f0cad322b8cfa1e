# What this machine needs for a lab: found, installed, checked. Part of lab.sh.

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sentinel-lab
packages=(docker.io docker-registry openssh-server openssh-client iptables iproute2 busybox-static e2fsprogs procps util-linux git tini ca-certificates)
programs=(dockerd docker docker-registry sshd ssh-keygen ip iptables busybox mkfs.ext4 unshare nsenter git tini)

find_compose() {
  local candidate
  for candidate in "${LAB_COMPOSE:-}" "$cache/docker-compose" \
    /usr/libexec/docker/cli-plugins/docker-compose /usr/lib/docker/cli-plugins/docker-compose \
    /usr/local/lib/docker/cli-plugins/docker-compose; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then readlink -f "$candidate"; return; fi
  done
  return 1
}

install_packages() {
  # The packages would start their daemons; the lab starts its own, in namespaces.
  local policy=/usr/sbin/policy-rc.d ours=no
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 755 $policy
    ours=yes
  fi
  local result=0
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } >&2 || result=1
  [ $ours = no ] || rm -f $policy
  return $result
}

# Debian 12 has Compose v1 only. The next release's package holds one static program, which is all we take of it;
# it is fetched with apt's own tools and state kept apart from the machine's.
install_compose() {
  local work options source
  work=$(mktemp -d)
  mkdir -p "$work"/{lists/partial,archives/partial,sources} "$cache"
  for source in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -f "$source" ] || continue
    sed -e 's/bookworm-\(updates\|backports\)//g' -e 's/bookworm/trixie/g' "$source" > "$work/sources/$(basename "$source")"
  done
  options=(-o "Dir::State::lists=$work/lists" -o "Dir::Cache::archives=$work/archives" -o "Dir::Cache::pkgcache="
    -o "Dir::Cache::srcpkgcache=" -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/sources"
    -o "APT::Sandbox::User=root")
  (cd "$work" && apt-get "${options[@]}" update && apt-get "${options[@]}" download docker-compose \
    && dpkg-deb -x docker-compose_*.deb unpacked) >&2
  install -m 755 "$(find "$work/unpacked" -name docker-compose -type f -size +1M | head -1)" "$cache/docker-compose"
  rm -rf "$work"
}

command_install() {
  local program
  for program in "${programs[@]}"; do
    command -v "$program" >/dev/null || { install_packages || fail 'apt-get failed'; break; }
  done
  find_compose >/dev/null || install_compose
  tell "ready: $(dockerd --version); $(find_compose)"
}

command_check() {
  local program
  [ "$(id -u)" = 0 ] || fail 'needs root'
  for program in "${programs[@]}"; do command -v "$program" >/dev/null || fail "$program is missing; run: lab.sh install"; done
  find_compose >/dev/null || fail 'docker compose is missing; run: lab.sh install'
  unshare --mount --net --pid --ipc --uts --fork true 2>/dev/null || fail 'this machine does not allow new namespaces'
}
