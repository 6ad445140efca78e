#!/bin/sh
# in_image.sh ROOT FOLDER WORDS...: run the image unpacked in ROOT as its engine would: as user 10001, the file system read-only
# but for /tmp and FOLDER, which stands inside at its own path. Wants to be root; its mounts end with it.
set -eu
if [ "${1:-}" != "--mounted" ]; then
    exec unshare --mount --propagation private "$0" --mounted "$@"
fi
root=$2 folder=$3
shift 3
[ -e "$root/etc/hosts" ] || : > "$root/etc/hosts" # an engine lays its own over it
mount --bind "$root" "$root"
mount --options remount,bind,ro "$root"
mount --bind /etc/hosts "$root/etc/hosts"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root$folder"
mount --bind "$folder" "$root$folder"
exec chroot --userspec=10001:10001 "$root" /app/docker/entrypoint.sh "$@"
