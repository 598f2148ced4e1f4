#!/bin/sh
# container.sh ROOT USER FOLDER N (SOURCE PLACE)*N COMMAND...: called in namespaces of its own.
set -eu
root=$1 user=$2 folder=$3 volumes=$4
shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
while [ "$volumes" -gt 0 ]; do
  mount --bind "$1" "$root$2"
  shift 2
  volumes=$((volumes - 1))
done
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev tmpfs "$root/tmp"
mount -o remount,bind,ro "$root"
exec chroot "$root" /usr/bin/setpriv --reuid="$user" --regid="$user" --clear-groups \
  --no-new-privs --bounding-set=-all --inh-caps=-all -- \
  /bin/sh -c 'cd "$0" && exec "$@"' "$folder" "$@"
