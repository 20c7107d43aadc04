#!/bin/sh
# Runs the tests with real players in a fresh Debian of another version: try-players.sh [ROOT]
#
# Builds the tests here, installs the players there, and prints the version of each player and the result of each test.
# Needs root and debootstrap; MIRROR and SUITE choose the Debian (default: trixie). The machine's own Debian must not be newer
# than that, for the tests are built here. ROOT, a folder that this script has made before, saves making it again.
set -eu

suite=${SUITE:-trixie}
work=$(mktemp -d)
root=${1:-$work/root}
finish() {
    for place in dev/shm dev/pts dev proc tmp; do umount "$root/$place" 2>/dev/null || true; done
    rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

players="vlc-bin vlc-plugin-base mpd mpdris2 rhythmbox rhythmbox-plugins audacious audacious-plugins quodlibet strawberry clementine mpv
mpv-mpris celluloid cmus"
others="dbus-daemon gstreamer1.0-plugins-good playerctl pulseaudio xvfb ffmpeg libglib2.0-bin libasound2-plugins"

step() { echo "== $*"; }
inside() { chroot "$root" env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

if [ ! -x "$root/usr/bin/dbus-run-session" ]; then
    step "making a fresh Debian $suite"
    debootstrap --variant=minbase --include=dbus "$suite" "$root" ${MIRROR:+"$MIRROR"} >"$work/debootstrap.log" ||
        { tail "$work/debootstrap.log" >&2; exit 1; }
fi
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind /dev/pts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"

step "installing the players"
inside apt-get update -qq
# The lists of packages are split into words.
# shellcheck disable=SC2086
inside apt-get install -y -qq --no-install-recommends $players $others >"$work/apt.log" 2>&1 || { tail "$work/apt.log" >&2; exit 1; }
# shellcheck disable=SC2086
inside dpkg-query -W -f '${Package} ${Version}\n' $players

step "building the tests"
cargo test --locked --test players --no-run --message-format=json >"$work/build.json"
program=$(sed -n 's/.*"name":"players".*"executable":"\([^"]*\)".*/\1/p' "$work/build.json" | tail -n 1)
[ -x "$program" ] || { echo "$0: cargo names no test program" >&2; exit 1; }
cp "$program" "$root/root/players-test"

step "testing"
inside /root/players-test --test-threads=1
