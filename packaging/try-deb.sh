#!/bin/sh
# Tries a package as a user would, in a fresh Debian: try-deb.sh PACKAGE.deb [ROOT]
#
# Installs it as an older version, starts it and leaves data behind, upgrades it, finds the data again, and removes it. Then
# lintian has its say. Needs root, debootstrap, lintian; MIRROR and SUITE choose the Debian (default: the machine's own).
# ROOT, a folder made by this script before, saves making one anew.
set -eu

[ $# -ge 1 ] || { echo "usage: $0 PACKAGE.deb [ROOT]" >&2; exit 2; }
package=$(realpath "$1")
work=$(mktemp -d)
root=${2:-$work/root}
suite=${SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
finish() { umount "$root/proc" 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT
trap 'exit 1' INT TERM

step() { echo "== $*"; }
fail() { echo "$0: $*" >&2; exit 1; }
inside() { chroot "$root" "$@"; }
# A command within a session bus, as the listener.
as_listener() { inside su -l listener -c "dbus-run-session -- sh -euc '$1'"; }

if [ ! -x "$root/usr/bin/dbus-run-session" ]; then
    step "making a fresh Debian $suite"
    debootstrap --variant=minbase --include=dbus "$suite" "$root" ${MIRROR:+"$MIRROR"} >"$work/debootstrap.log" ||
        { tail "$work/debootstrap.log" >&2; exit 1; }
fi
mount -t proc proc "$root/proc"
inside dpkg --purge moodring 2>/dev/null || true
inside userdel -r listener 2>/dev/null || true
inside useradd -m listener

step "an older version of the package"
dpkg-deb -R "$package" "$work/older"
sed -i 's/^Version:.*/Version: 0.0.1-1/' "$work/older/DEBIAN/control"
dpkg-deb --root-owner-group -Znone -b "$work/older" "$root/tmp/older.deb" >/dev/null
cp "$package" "$root/tmp/newer.deb"
find "$root" -xdev -not -path "$root/proc/*" | sort >"$work/before"

step "installing"
inside apt-get install -y -qq --no-install-recommends /tmp/older.deb >/dev/null 2>&1 || inside dpkg -i /tmp/older.deb

# The agent, until it answers, at most ten seconds.
begin='moodring & tries=100; until moodring status >/dev/null 2>&1; do tries=$((tries - 1)); [ $tries -gt 0 ]; sleep 0.1; done'
step "starting"
as_listener "$begin; moodring camera deny; moodring mood sad; moodring status; moodring quit; wait"

step "upgrading under a running agent"
rm -f "$root/tmp/runs" "$root/tmp/upgraded"
# The program that runs is the old one, "(deleted)", until the agent has become the new version.
becomes_new='tries=60; until [ "$(readlink /proc/$agent/exe)" = /usr/bin/moodring ]; do \
tries=$((tries - 1)); [ $tries -gt 0 ]; moodring status >/dev/null; sleep 0.5; done'
as_listener "$begin; agent=\$!; touch /tmp/runs; until [ -e /tmp/upgraded ]; do sleep 0.1; done; \
[ \"\$(readlink /proc/\$agent/exe)\" != /usr/bin/moodring ]; $becomes_new; moodring status; moodring quit; wait" \
    >"$work/running" 2>&1 &
listener=$!
until [ -e "$root/tmp/runs" ]; do sleep 0.1; kill -0 $listener 2>/dev/null || fail "$(cat "$work/running")"; done
inside dpkg -i /tmp/newer.deb >/dev/null
touch "$root/tmp/upgraded"
wait $listener || fail "the agent did not become the new version: $(cat "$work/running")"
grep -q "starting the newer version" "$work/running" || fail "$(cat "$work/running")"
[ "$(inside dpkg-query -W -f '${Version}' moodring)" = "$(dpkg-deb -f "$package" Version)" ] || fail "not upgraded"
as_listener "$begin; moodring status; moodring quit; wait" >"$work/status"
cat "$work/status"
grep -q "sad (set by hand)" "$work/status" || fail "the mood set before the upgrade is gone"
as_listener "moodring history; moodring config check; moodring autostart on; moodring autostart off"

step "started by the bus"
as_listener "dbus-send --session --print-reply --dest=org.moodring.Moodring /org/moodring/Moodring \
org.moodring.Agent1.Ask string:\"\\\"status\\\"\" | head -c 200; moodring quit"

step "man page and completions"
for file in usr/share/man/man1/moodring.1.gz usr/share/bash-completion/completions/moodring \
    usr/share/zsh/vendor-completions/_moodring usr/share/fish/vendor_completions.d/moodring.fish; do
    [ -s "$root/$file" ] || fail "$file is missing"
done

step "removing"
inside dpkg --purge moodring >/dev/null
find "$root" -xdev -not -path "$root/proc/*" | sort >"$work/after"
left=$(comm -13 "$work/before" "$work/after" | grep moodring | grep -v "^$root/home/listener/" || true)
[ -z "$left" ] || fail "left behind: $left"
[ -s "$root/home/listener/.local/share/moodring/library.db" ] || fail "the listener's library is gone"

step "lintian"
lintian --fail-on error --info "$package"
echo "all is well"
