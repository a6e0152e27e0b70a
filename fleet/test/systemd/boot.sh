#!/usr/bin/env bash
# Boots a systemd of its own, as process 1 of namespaces, over a copy-on-write view of this host. As root:
#
#   unshare --mount --propagation private boot.sh REPOSITORY
#
# Prints `booted PID` when it is up; PID is its process 1, for nsenter. Lives until its stdin ends, and then leaves nothing
# behind, whoever ends it: mounts are in the namespace of this script, processes in one whose first it can kill, and the
# one directory and the one cgroup on the host are removed at the end.
#
# It shares the host's network, so that tests reach the machine's services and it reaches theirs. It must not reach the
# host's settings: systemd sets some at its start, so /proc/sys is read-only meanwhile.
set -euo pipefail
repository=$1
init=/usr/lib/systemd/systemd
[ -x "$init" ] || init=/lib/systemd/systemd

directory=$(mktemp -d /tmp/runfleet-machine.XXXXXX)
name=${directory##*/}
outer=''
inner=''

finish() {
  set +e
  if [ -n "$inner" ] && kill -0 "$inner" 2>/dev/null; then
    # The signal that systemd takes for "power off now, without stopping units in order".
    kill -s RTMIN+14 "$inner"
    for _ in $(seq 60); do kill -0 "$inner" 2>/dev/null || break; sleep 0.05; done
  fi
  [ -n "$outer" ] && kill -9 "$outer" 2>/dev/null && wait "$outer" 2>/dev/null
  # Processes of a pid namespace that has ended may take a moment to leave their cgroups.
  for _ in $(seq 60); do
    find "$directory/cgroup/$name" -depth -type d -exec rmdir {} + 2>/dev/null
    [ -d "$directory/cgroup/$name" ] || break
    sleep 0.05
  done
  umount -l "$directory"
  rmdir "$directory"
}
trap finish EXIT
trap 'exit 143' TERM INT HUP

# What the machine writes is in memory, and gone with this script's mount namespace.
mount -t tmpfs machine "$directory"
mkdir "$directory"/{cgroup,upper,work,root}
mount -t cgroup2 cgroup "$directory/cgroup"
mkdir "$directory/cgroup/$name"

machine() {
  set -euo pipefail
  root=$directory/root
  mount -t overlay overlay -o "lowerdir=/,upperdir=$directory/upper,workdir=$directory/work" "$root"

  # None of the host's own services: only what the tests start.
  units=$root/etc/systemd/system
  rm -rf "$units" && mkdir -p "$units" "$root/etc/systemd/system-generators"
  for generator in "$root"/{usr/,}lib/systemd/system-generators/*; do
    ln -sf /dev/null "$root/etc/systemd/system-generators/${generator##*/}"
  done
  for unit in systemd-{sysctl,udevd,udev-trigger,modules-load,random-seed,timesyncd,networkd,resolved}.service \
    systemd-udevd-{control,kernel}.socket systemd-journald-audit.socket proc-sys-fs-binfmt_misc.automount \
    sys-kernel-{debug,tracing,config}.mount sys-fs-fuse-connections.mount dev-{hugepages,mqueue}.mount; do
    ln -s /dev/null "$units/$unit"
  done
  : >"$root/etc/fstab"
  : >"$root/etc/machine-id"
  rm -rf "$root/var/log/journal"

  mount -t proc proc "$root/proc"
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 run "$root/run"
  mount -t tmpfs tmp "$root/tmp"
  mount -t tmpfs -o mode=755 dev "$root/dev"
  mkdir "$root"/dev/{pts,shm}
  mount -t tmpfs shm "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
  for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  # The repository may be on a file system of its own.
  mkdir -p "$root$repository"
  mount --bind -o ro "$repository" "$root$repository"

  hostname machine
  mkdir "$root/.old"
  cd "$root"
  pivot_root . .old
  umount -l /.old
  rmdir /.old
  # systemd hands credentials to a unit by a mount that has to spread; in a container, it leaves this to who made it.
  mount --make-rshared /
  exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set -audit_control,-audit_read,-sys_module,-sys_rawio,-sys_time,-syslog \
    "$init" --unit=basic.target --log-target=journal --show-status=false
}
export -f machine
export directory repository init

(
  echo "$BASHPID" >"$directory/cgroup/$name/cgroup.procs"
  # The machine ends with this script even if that is killed.
  exec setpriv --pdeathsig KILL \
    unshare --mount --pid --ipc --uts --cgroup --fork --kill-child --propagation private \
    bash -c machine </dev/null >&2
) &
outer=$!

inside() { nsenter --target "$inner" --mount --uts --ipc --pid --cgroup --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
for _ in $(seq 400); do
  kill -0 "$outer" 2>/dev/null || { echo 'the machine ended while it started' >&2; exit 1; }
  inner=$(pgrep -P "$outer" || true)
  if [ -n "$inner" ] && [ "$(cat "/proc/$inner/comm" 2>/dev/null)" = systemd ] \
    && inside test -S /run/systemd/private; then break; fi
  sleep 0.05
done
inside systemctl is-system-running --wait >&2 || true
# systemd has set what it sets. A sandbox gets a /proc of its own only where nothing covers a part of the one around it.
inside umount -l /proc/sys

echo "booted $inner"
cat >/dev/null
