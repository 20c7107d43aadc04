#!/bin/bash
# Makes what the tests with a real camera driver need, in FOLDER: prepare.sh FOLDER
#
# Debian's kernel, an emulator and busybox are downloaded and unpacked there; nothing is installed. Ends with 77, and says
# why, where that cannot be.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "skipped: $1"; exit 77; }

[ "$(uname -m)" = x86_64 ] || skip "the test with a real camera driver is for x86_64"
for tool in apt-get dpkg-deb cc; do command -v $tool > /dev/null || skip "the test with a real camera driver needs $tool"; done

fetch() {
    local kernel wanted
    kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
    [ -n "$kernel" ] || skip "apt knows no Debian kernel (apt-get update?)"
    # All that the emulator needs and this machine has not; installing it may remove another version's tools.
    wanted=$(apt-get install -s --no-install-recommends qemu-system-x86 2>/dev/null | awk '/^Inst/ { print $2 }')
    mkdir -p "$folder/packages"
    # shellcheck disable=SC2086
    (cd "$folder/packages" && apt-get download -qq "$kernel" busybox-static kmod $wanted 2>/dev/null) || skip "Debian's packages cannot be downloaded"
    rm -rf "$folder/root"
    for package in "$folder"/packages/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
    rm -r "$folder/packages"
}

[ -e "$folder/fetched" ] || { fetch && touch "$folder/fetched"; }
[ -e "$folder/initramfs" ] && [ -z "$(find "$here" -newer "$folder/initramfs" -type f)" ] && exit 0

root=$folder/root
version=$(basename "$root"/lib/modules/*)
kmod() { (exec -a "$1" "$root/bin/kmod" "${@:2}"); }
kmod depmod -b "$root" "$version"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage"/{bin,dev,proc,sys,modules}
cp "$root/bin/busybox" "$stage/bin/busybox"
for program in webcam exporter; do cc -O2 -static -o "$stage/bin/$program" "$here/$program.c"; done
install -m 755 "$here/init" "$stage/init"
# In the order in which they must be loaded.
list() {
    local name=$1 module
    shift
    for module in "$@"; do kmod modprobe -d "$root" -S "$version" --show-depends "$module"; done |
        awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
            cp -n "$module" "$stage/modules/"
            basename "$module"
        done > "$stage/modules/$name"
}
list base virtio_pci 9pnet_virtio 9p
list camera vhci-hcd uvcvideo
cp "$root"/boot/vmlinuz-"$version" "$folder/kernel"
(cd "$stage" && find . | bin/busybox cpio -o -H newc 2>/dev/null) > "$folder/initramfs.new"
mv "$folder/initramfs.new" "$folder/initramfs"
