#!/bin/sh
# From rated clips to the weights in the program and the model card: train.sh CLIPS LABELS.csv
# Needs the packages of requirements.txt for python3. Build the program again afterwards: the weights are part of it.
set -eu
[ $# -eq 2 ] || { echo "usage: train.sh CLIPS LABELS.csv" >&2; exit 2; }
clips=$(realpath "$1") labels=$(realpath "$2")
cd "$(dirname "$0")"
features=$(mktemp)
trap 'rm -f "$features"' EXIT
find "$clips" -type f ! -name '*.csv' ! -name '*.md' -print0 | sort -z |
    xargs -0 cargo run --release --quiet -p moodring-music --example hearing_features -- > "$features"
"${PYTHON:-python3}" train.py "$features" "$labels" --out ../../hearing.bin --card ../../hearing.md
