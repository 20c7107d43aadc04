#!/bin/sh
# Moodring beside other programs that read expressions, on the same pictures, one after the other on one core:
#   benches/peers/run.sh FOLDERS [PROGRAM]
# FOLDERS is what models/train/folders.py writes; PROGRAM is target/release/moodring unless given. The peers (for Python 3.11
# with TensorFlow, 3 GB, and for Node 20) are installed into target/peers the first time, or are in the folder that PEERS
# names. ONNX Runtime is found as the program finds it. The table goes into models/README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folders=$(cd "${1:?usage: run.sh FOLDERS [PROGRAM]}" && pwd)
program=$(realpath "${2:-$here/../../target/release/moodring}")
tools=${PEERS:-$here/../../target/peers}
mkdir -p "$tools/node"
if [ ! -x "$tools/venv/bin/python" ]; then
  python3.11 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install -q -r "$here/requirements.txt"
fi
if [ ! -d "$tools/node/node_modules" ]; then
  cp "$here/package.json" "$tools/node/"
  (cd "$tools/node" && npm install --silent --no-audit --no-fund)
fi
exec "$tools/venv/bin/python" "$here/side_by_side.py" "$folders" "$program" "$tools"
