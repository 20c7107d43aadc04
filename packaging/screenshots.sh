#!/bin/sh
# Takes pictures of the tray in a real panel: screenshots.sh DIR [COMMAND [MUSIC]]
#
# Starts COMMAND (default: moodring) on a session bus, a display and a home folder of its own, with an Xfce panel on it,
# and saves PNGs to DIR. Nothing of the desktop that it is run from is touched. At last it ends the panel and starts it
# again: the icon must be back as it was.
# With MUSIC, a folder, a Music Player Daemon plays it silently.
# Needs: xvfb xfce4-panel dbus xdotool imagemagick, and with MUSIC mpd and mpc.
set -eu

[ $# -ge 1 ] || { echo "usage: $0 DIR [COMMAND [MUSIC]]" >&2; exit 2; }
mkdir -p "$1"
pictures=$(cd "$1" && pwd)
command=${2:-moodring}
music=${3:-}
for tool in Xvfb xfce4-panel dbus-daemon xdotool import; do
    command -v $tool >/dev/null || { echo "$0: $tool is missing" >&2; exit 1; }
done
command -v "$command" >/dev/null || { echo "$0: $command is missing" >&2; exit 1; }

home=$(mktemp -d)
pids=
finish() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$home"
}
trap finish EXIT
trap 'exit 1' INT TERM

# A lookup until it answers, at most half a minute.
await() {
    tries=300
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "$0: waited in vain for: $*" >&2; exit 1; }
        sleep 0.1
    done
}

export HOME="$home" XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data" XDG_CACHE_HOME="$home/cache"
export XDG_RUNTIME_DIR="$home/run" GTK_THEME="${GTK_THEME:-Adwaita:dark}" NO_AT_BRIDGE=1
mkdir -m 700 "$XDG_RUNTIME_DIR"
settings="$XDG_CONFIG_HOME/xfce4/xfconf/xfce-perchannel-xml"
mkdir -p "$settings"
cat > "$settings/xfce4-panel.xml" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="36"/>
      <property name="icon-size" type="uint" value="24"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="icon-size" type="int" value="24"/>
    </property>
  </property>
</channel>
XML

Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3>"$home/display" 2>/dev/null &
pids="$pids $!"
await test -s "$home/display"
DISPLAY=":$(cat "$home/display")"
export DISPLAY
dbus-daemon --session --nofork --print-address=3 3>"$home/bus" 2>/dev/null &
pids="$pids $!"
await test -s "$home/bus"
DBUS_SESSION_BUS_ADDRESS=$(head -n 1 "$home/bus")
export DBUS_SESSION_BUS_ADDRESS

start_panel() {
    xfce4-panel --disable-wm-check >>"$home/panel.log" 2>&1 &
    panel=$!
    pids="$pids $panel"
    await xdotool search --onlyvisible --class xfce4-panel
}
start_panel
if [ -n "$music" ]; then
    mkdir -p "$XDG_CONFIG_HOME/moodring"
    cat > "$home/mpd.conf" <<MPD
music_directory "$music"
db_file "$home/mpd.db"
bind_to_address "$home/mpd"
audio_output {
  type "null"
  name "silence"
}
MPD
    echo "[players]
mpd = '$home/mpd'" > "$XDG_CONFIG_HOME/moodring/config.toml"
    mpd --no-daemon "$home/mpd.conf" >"$home/mpd.log" 2>&1 &
    pids="$pids $!"
    export MPD_HOST="$home/mpd"
    await mpc update --wait
    "$command" scan "$music" >"$home/scan.log" 2>&1
    mpc listall | head -n 1 | mpc add
    mpc play >/dev/null
fi
"$command" >"$home/command.log" 2>&1 &
pids="$pids $!"
await "$command" status

has_item() {
    dbus-send --session --print-reply --dest=org.kde.StatusNotifierWatcher /StatusNotifierWatcher \
        org.freedesktop.DBus.Properties.Get string:org.kde.StatusNotifierWatcher \
        string:RegisteredStatusNotifierItems | grep -q 'string "[:o]'
}
await has_item

# The icon is the only one, at the panel's left end. Panels fade and slide: pictures wait for that.
icon_x=18 icon_y=18
shot() { sleep 0.7; import -window root -crop "$2" -trim +repage "$pictures/$1.png"; echo "$pictures/$1.png"; }
open_menu() { xdotool mousemove $icon_x $icon_y click 3; sleep 0.5; }
close_menu() { xdotool key Escape key Escape mousemove 700 500; sleep 0.3; }

# Not before a menu that will have more lines: this panel keeps the height of the first.
if [ -z "$music" ]; then
    open_menu
    shot first-start 620x600+0+0
    close_menu
fi
"$command" camera deny
"$command" mood happy
shot icon 120x36+0+0
xdotool mousemove $icon_x $icon_y
sleep 1
xdotool mousemove_relative 1 0
shot tooltip 620x140+0+0
open_menu
shot menu 620x600+0+0
# By keyboard alone: down to the first submenu and into it.
xdotool key Down Right
shot menu-pause 620x600+0+0
close_menu
"$command" pause 60
shot icon-paused 120x36+0+0

# As when a panel crashes, or is restarted for its settings.
kill "$panel"
await eval '! kill -0 "$panel"'
start_panel
await has_item
shot icon-again 120x36+0+0
compare -metric AE "$pictures/icon-paused.png" "$pictures/icon-again.png" null: 2>/dev/null ||
    { echo "$0: the icon is not back after the panel was restarted" >&2; exit 1; }
echo "the icon is back after the panel was restarted"
