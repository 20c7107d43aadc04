#!/bin/sh
# Takes pictures of the report with a made-up week, light and dark: report-pictures.sh DIR [COMMAND]
#
# Needs: chromium python3 imagemagick. Nothing of the desktop that it is run from is touched.
set -eu

[ $# -ge 1 ] || { echo "usage: $0 DIR [COMMAND]" >&2; exit 2; }
mkdir -p "$1"
pictures=$(cd "$1" && pwd)
command=${2:-moodring}
here=$(dirname "$0")
for tool in chromium python3 convert "$command"; do
    command -v "$tool" >/dev/null || { echo "$0: $tool is missing" >&2; exit 1; }
done

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
trap 'exit 1' INT TERM
export HOME="$home" XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data" XDG_CACHE_HOME="$home/cache"
"$command" history >/dev/null
python3 "$here/sample-week.py" "$XDG_DATA_HOME/moodring/library.db"
"$command" report -o "$home/week.html" >/dev/null

# As root, Chromium's own sandbox cannot be had.
sandbox=
[ "$(id -u)" != 0 ] || sandbox=--no-sandbox
shot() {
    chromium --headless $sandbox --disable-gpu --hide-scrollbars --blink-settings=preferredColorScheme="$2" \
        --window-size="$3" --screenshot="$home/shot.png" "file://$home/week.html" >/dev/null 2>&1
    # A few hundred colours are enough for a page, and make a small file.
    convert "$home/shot.png" -colors 200 -strip PNG8:"$pictures/$1.png"
    echo "$pictures/$1.png"
}
shot report-light 1 1000,1330
shot report-dark 0 1000,1330
