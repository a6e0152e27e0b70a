#!/bin/sh
# Runs a command, such as tests, below a control group whose controllers it may use. The group that this is started in must
# be delegated, with nothing else in it:
#
#   systemd-run --user --scope -p Delegate=yes fleet/test/with-cgroups.sh npm test -- --project fleet
set -eu
path=$(sed -n 's/^0:://p' /proc/self/cgroup)
mount=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
export RUNFLEET_TEST_CGROUP="$mount${path%/}"
mkdir -p "$RUNFLEET_TEST_CGROUP/command"
echo $$ >"$RUNFLEET_TEST_CGROUP/command/cgroup.procs"
for controller in memory pids; do
  echo "+$controller" >"$RUNFLEET_TEST_CGROUP/cgroup.subtree_control" || echo "without $controller" >&2
done
exec "$@"
