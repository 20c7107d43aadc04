#!/bin/sh
# Tries a package in a session that systemd runs: try-session.sh PACKAGE.deb [ROOT]
#
# Boots a fresh Debian in a container, with the real logind, UPower (on a laptop that is not there) and a listener's own systemd,
# and sees the agent come with the desktop, hear of the battery, the locked screen and the absent owner, come back after a crash,
# leave with the desktop, and be started by the bus.
# Needs root, debootstrap, systemd-container; MIRROR and SUITE choose the Debian (default: the machine's own).
# ROOT, a folder made by this script before, saves making one anew.
set -eu

[ $# -ge 1 ] || { echo "usage: $0 PACKAGE.deb [ROOT]" >&2; exit 2; }
package=$(realpath "$1")
work=$(mktemp -d)
root=${2:-$work/root}
suite=${SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
container=
finish() {
    [ -z "$container" ] || { kill -s RTMIN+4 "$(inner)" 2>/dev/null && wait "$container"; } || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

step() { echo "== $*"; }
fail() { echo "$0: $*" >&2; exit 1; }
running() { [ "$(inside systemctl is-system-running)" = running ]; }
# The container's first process, as it is called outside.
inner() { ps -o pid= --ppid "$container" | tr -d ' '; }
inside() { nsenter -t "$(inner)" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb "$@"; }
await() {
    tries=300
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || fail "waited in vain for: $*"
        sleep 0.1
    done
}

with=dbus,dbus-user-session,systemd,systemd-sysv,libpam-systemd,upower,umockdev
if [ ! -x "$root/usr/bin/umockdev-run" ]; then
    step "making a fresh Debian $suite"
    debootstrap --variant=minbase --include=$with "$suite" "$root" ${MIRROR:+"$MIRROR"} >"$work/debootstrap.log" ||
        { tail "$work/debootstrap.log" >&2; exit 1; }
fi
chroot "$root" dpkg --purge moodring >/dev/null 2>&1 || true
chroot "$root" userdel -r listener 2>/dev/null || true
chroot "$root" useradd -m listener
cp "$package" "$root/root/package.deb"
chroot "$root" dpkg -i /root/package.deb >/dev/null

# A laptop without its cable, as the kernel would show it to UPower.
cat >"$root/root/battery" <<'LAPTOP'
P: /devices/cable
E: SUBSYSTEM=power_supply
E: POWER_SUPPLY_TYPE=Mains
E: POWER_SUPPLY_ONLINE=0
A: type=Mains
A: online=0

P: /devices/battery
E: SUBSYSTEM=power_supply
E: POWER_SUPPLY_TYPE=Battery
A: type=Battery
A: present=1
A: status=Discharging
A: energy_full=60000000
A: energy_full_design=80000000
A: energy_now=48000000
A: voltage_now=12000000
LAPTOP

# A desktop is whatever brings graphical-session.target.
home=$root/home/listener
mkdir -p "$home/.config/systemd/user"
printf '[Unit]\nBindsTo=graphical-session.target\nBefore=graphical-session.target\n' >"$home/.config/systemd/user/desk.target"
cat >"$home/evening.sh" <<'SESSION'
set -eu
fail() { echo "$*" >&2; exit 1; }
await() { tries=100; until "$@" >/dev/null 2>&1; do tries=$((tries - 1)); [ $tries -gt 0 ] || fail "in vain: $*"; sleep 0.1; done; }
gone() { ! moodring status 2>/dev/null; }
user() { systemctl --user "$@"; }
export XDG_RUNTIME_DIR="/run/user/$(id -u)" DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$(id -u)/bus"
logind=org.freedesktop.login1
session=$(busctl call $logind /org/freedesktop/login1 $logind.Manager GetSession s "$XDG_SESSION_ID" | cut -d'"' -f2)
hint() { busctl call $logind "$session" $logind.Session "Set$1Hint" b "$2"; }
# What the desktop's own shell sees, and what the agent that systemd runs has heard.
says() { moodring doctor | grep '^[a-z]* *session' | grep -e "$1"; }
begin=$(date '+%Y-%m-%d %H:%M:%S')
told() { journalctl --user -u moodring -o cat --since "$begin" | grep 'Session {' | tail -n 1 | grep -e "$1"; }

mkdir -p ~/.config/systemd/user/moodring.service.d
printf '[Service]\nEnvironment=MOODRING_LOG=debug\n' >~/.config/systemd/user/moodring.service.d/log.conf
moodring camera deny
moodring autostart on
echo "-- the desktop starts"
user start desk.target
await moodring status
moodring mood happy
[ "$(user is-active moodring)" = active ] || fail "it is not the unit that runs"
moodring --at-login || fail "a second start is not a quiet one"
echo "-- the screen is locked, and unlocked; its owner goes, and comes back"
await told "locked: Some(false), asleep: false, waking: false, .* on_battery: Some(true)"
says "not locked.* on battery"
hint Locked true
await told "locked: Some(true)"
says "; no look while the screen is locked"
hint Locked false
await told "locked: Some(false)"
hint Idle true
await told "idle: Some(true)"
says "; no look while you are away"
hint Idle false
await told "idle: Some(false)"
says "not locked.* in use"
echo "-- it crashes"
kill -9 "$(user show -P MainPID moodring)"
await gone
await moodring status
moodring status | grep "happy (set by hand)"
echo "-- the desktop ends"
user stop desk.target
await gone
echo "-- somebody asks it by the bus"
busctl --user call org.moodring.Moodring /org/moodring/Moodring org.moodring.Agent1 Ask s '"status"' | cut -c1-60
[ "$(user is-active moodring)" = active ] || fail "it is not the unit that runs"
moodring quit
await [ "$(user show -P Result moodring)" = success ]
moodring autostart off
SESSION
chroot "$root" chown -R listener: /home/listener

step "starting systemd"
systemd-nspawn -q -D "$root" -M moodring-try --register=no --keep-unit -b --console=pipe >"$work/boot.log" 2>&1 </dev/null &
container=$!
await running
inside systemctl mask --quiet --runtime upower
inside systemd-run -q --unit=battery umockdev-run -d /root/battery -- /usr/libexec/upowerd
await inside busctl status org.freedesktop.UPower

step "a session"
inside XDG_SESSION_TYPE=x11 su -l listener -c "sh ~/evening.sh" || { inside journalctl --no-pager -n 30 >&2; fail "the session went wrong"; }
echo "all is well"
