#!/usr/bin/env bash
# The first process of a lab namespace, started by lab.sh: `inside.sh switch`, or `inside.sh host <name>`.
# When it ends, the kernel ends everything else in the namespace and takes its mounts and network along.
set -euo pipefail

run_switch() {
  ip link set lo up
  # An address of its own: a bridge otherwise takes the lowest of its ports, which changes when a host reboots, and
  # neighbours would go on sending to the old one.
  ip link add bridge address "$(printf '02:5e:%02x:00:01:02' "${NET##*.}")" type bridge
  ip addr add "$NET.2/24" dev bridge
  ip link set bridge up
  cat > "$LAB_DIR/registry.yml" << CONF
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $LAB_DIR/registry }, delete: { enabled: true } }
http: { addr: "$NET.2:5000" }
CONF
  cat > "$LAB_DIR/start-registry" << CONF
#!/bin/sh
setsid docker-registry serve "$LAB_DIR/registry.yml" >> "$LAB_DIR/log/registry.log" 2>&1 < /dev/null &
echo \$! > "$LAB_DIR/registry.pid"
CONF
  chmod 755 "$LAB_DIR/start-registry"
  "$LAB_DIR/start-registry"
  : > "$LAB_DIR/switch.ready"
  reap
}

run_host() {
  hostname "$1"
  ip link set lo up
  local compose
  exec 3< "$LAB_DIR/id_ed25519.pub" 4< "$COMPOSE"
  mount_disk "$1"
  mount_system "$1"
  exec 4<&-
  write_accounts
  exec 3<&-
  write_services "$1"
  /run/lab/start-docker
  /run/lab/start-sshd
  reap
}

# The host's own disk is a file with a file system, so that it can really be full. Where there are no loop devices
# it is a directory, which has all the space of this machine.
mount_disk() {
  local home=$LAB_DIR/$1
  mkdir -p "$home"/disk
  if [ ! -f "$home/disk.img" ]; then
    truncate -s "${DISK_MB}M" "$home/disk.img"
    mkfs.ext4 -q -O ^has_journal -m 0 "$home/disk.img"
  fi
  mount -o loop "$home/disk.img" "$home/disk" || echo "no loop device: $1 shares this machine's disk"
  mkdir -p "$home/disk"/{etc/upper,etc/work,docker}
}

# Directories a server owns come from its disk; /usr and the rest of /var are this machine's, as they are.
mount_system() {
  local home=$LAB_DIR/$1 directory
  mkdir -p "$home/cgroup"
  mount --rbind /sys/fs/cgroup "$home/cgroup"
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/lab /run/sshd /run/lock
  mount --rbind "$home" /run/lab
  mount -t sysfs sysfs /sys
  mount --rbind /run/lab/cgroup /sys/fs/cgroup
  mount -t overlay -o lowerdir=/etc,upperdir=/run/lab/disk/etc/upper,workdir=/run/lab/disk/etc/work overlay /etc
  for directory in opt srv mnt home root var/log var/tmp; do
    mkdir -p "/run/lab/disk/$directory" "/$directory"
    mount --bind "/run/lab/disk/$directory" "/$directory"
  done
  mkdir -p /var/lib/docker
  mount --bind /run/lab/disk/docker /var/lib/docker
  mount -t tmpfs -o mode=1777 tmpfs /tmp
  mount -t tmpfs -o mode=755 tmpfs /usr/local
  mkdir -p /usr/local/bin /usr/local/sbin /usr/local/lib/docker/cli-plugins
  : > /usr/local/lib/docker/cli-plugins/docker-compose
  mount --bind /proc/self/fd/4 /usr/local/lib/docker/cli-plugins/docker-compose
}

# root, and `deploy`, who is in the docker group and nothing more.
write_accounts() {
  local key home
  key=$(cat <&3)
  chmod 700 /root
  chmod 1777 /var/tmp
  id deploy > /dev/null 2>&1 || useradd -m -G docker -s /bin/bash -p '*' deploy
  mkdir -p /home/deploy
  for home in /root /home/deploy; do
    mkdir -p $home/.ssh
    echo "$key" > $home/.ssh/authorized_keys
    chmod -R go= $home/.ssh
  done
  chown -R deploy:deploy /home/deploy
}

write_services() {
  local number
  echo "$1" > /etc/hostname
  rm -f /etc/docker/daemon.json /etc/nologin /etc/resolv.conf
  echo 'nameserver 127.0.0.1' > /etc/resolv.conf
  {
    echo '127.0.0.1 localhost'
    echo "$NET.2 registry.lab"
    for number in $(seq "$HOSTS"); do echo "$NET.$((10 + number)) h$number"; done
  } > /etc/hosts
  [ -f /run/lab/host_key ] || ssh-keygen -q -t ed25519 -N '' -C "$1" -f /run/lab/host_key
  cat > /run/lab/sshd_config << 'CONF'
HostKey /run/lab/host_key
PidFile /run/sshd.pid
UsePAM no
UseDNS no
LogLevel VERBOSE
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
Subsystem sftp /usr/lib/openssh/sftp-server
CONF
  cat > /run/lab/start-sshd << 'CONF'
#!/bin/sh
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -f /run/lab/sshd_config -E /run/lab/sshd.log < /dev/null
CONF
  cat > /run/lab/start-docker << CONF
#!/bin/sh
rm -f /run/docker.pid /var/lib/docker/*.pid
cd /
setsid env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root dockerd \
  --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent /$ID/$1/containers \
  --insecure-registry registry.lab:5000 --default-address-pool base=10.100.0.0/14,size=24 \
  -H unix:///run/docker.sock >> /run/lab/dockerd.log 2>&1 < /dev/null &
CONF
  chmod 755 /run/lab/start-sshd /run/lab/start-docker
}

# The first process of a namespace inherits every orphan and must collect it.
reap() {
  while :; do
    sleep 3600 &
    wait $! || true
  done
}

case $1 in
  switch) run_switch ;;
  host) run_host "$2" ;;
esac
