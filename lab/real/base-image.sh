#!/usr/bin/env bash
# A root file system like that of the official Node images, as a tar on standard output, made without any registry:
# this machine's Debian packages that the project's Dockerfile asks for with all they need, its npm and its Node.
#
#   base-image.sh <folder>     what is in the folder goes over it, by path from /
#
#   LAB_NODE   where bin/node is, when not the one on the PATH (an unpacked release of another version)
set -euo pipefail
extra=$1
packages=(apt base-files base-passwd bash ca-certificates coreutils dash debianutils dpkg findutils git grep gzip hostname
  libc-bin libstdc++6 login mawk openssh-client openssl passwd perl-base sed tar tini util-linux)
node=${LAB_NODE:-$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")}
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")

root=$(mktemp -d)
list=$(mktemp)
trap 'rm -rf "$root" "$list"' EXIT
installed() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2> /dev/null | grep -q '^ii'; }
for package in "${packages[@]}"; do
  installed "$package" || { echo "the Debian package $package is not installed" >&2; exit 1; }
done

if installed libatomic1; then packages+=(libatomic1); fi # newer Nodes load it

# Whatever they need; of names several packages stand for, those that are installed.
closure() {
  apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "${packages[@]}" | grep '^[a-z]' | sed 's/:.*//' | sort -u \
    | grep -Fxf <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii *//p')
}

mkdir -p "$root"/{usr/{bin,sbin,lib,lib64,local/bin,local/lib/node_modules},dev,proc,sys,run,tmp,root,home/node}
mkdir -p "$root"/{etc/apt,var/lib/dpkg/info,var/lib/apt/lists/partial,var/cache/apt/archives/partial,var/log,var/tmp}
chmod 1777 "$root/tmp" "$root/var/tmp"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done

needed=$(closure)
# shellcheck disable=SC2086
dpkg-query -s $needed 2> /dev/null | awk 'BEGIN { RS = ""; ORS = "\n\n" } /Status: install ok installed/' > "$root/var/lib/dpkg/status"
printf 'root:x:0:0:root:/root:/bin/bash\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\nnode:x:1000:1000::/home/node:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' > "$root/etc/passwd"
printf 'root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n' > "$root/etc/group"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
cp -r "$extra/." "$root/"

# What nobody reads here is left out: documents, words of other languages, Perl beyond what Debian itself needs. So
# are the folders below that are taken whole; Docker refuses a file that comes twice.
unread='^/(usr/share/(doc|man|locale|info|lintian|perl|perl5|gitweb)/|usr/lib/x86_64-linux-gnu/(perl|gconv)/|etc/(alternatives|ssl/certs)/|(bin|sbin|lib|lib64|boot|\.)$)'
# shellcheck disable=SC2086
dpkg -L $needed 2> /dev/null | grep -v -E "$unread" | sed -E 's,^/(bin|sbin|lib|lib64)/,/usr/\1/,' | sort -u \
  | while read -r path; do
    if [ -L "$path" ] || [ -f "$path" ]; then printf '%s\n' "${path#/}"; fi
  done > "$list"
# Straight from where it lies: what is copied first is written twice.
tar --owner=0 --group=0 --numeric-owner --transform 's,^node$,usr/local/bin/node,S' \
  --transform 's,^npm/,usr/local/lib/node_modules/npm/,S' -cf - -C "$root" . -C "$node/bin" node -C "$(dirname "$npm")" npm/ \
  -C / etc/alternatives etc/ssl/certs etc/ld.so.cache --no-recursion --verbatim-files-from -T "$list"
