#!/bin/sh
# Build the wheel, install it into an empty environment in another folder, and analyse a recording from there.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
. "$root/scripts/torch_index.sh"
"$root/.venv/bin/python" -m pip --disable-pip-version-check wheel --quiet --no-deps --wheel-dir "$away/dist" "$root"
size=$(du -m "$away"/dist/*.whl | cut -f1)
[ "$size" -le 100 ] || { echo "the wheel has $size MB; 100 is the most" >&2; exit 1; }
python3 -m venv "$away/venv"
install_torch "$away/venv/bin/python"
"$away/venv/bin/python" -m pip --disable-pip-version-check install --quiet "$away"/dist/*.whl
recording=$(ls "$root"/samples/*/call.wav | head -n 1)
cp "$recording" "$away/some.wav"
cd "$away"
venv/bin/callguard analyze some.wav --channels agent,customer --format jsonl | venv/bin/python -c '
import json, sys
call = json.loads(sys.stdin.readline())
assert call["status"] == "analysed" and call["turns"], call
print("the wheel is whole:", call["outcome"], "from", len(call["turns"]), "turns")'
