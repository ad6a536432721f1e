#!/bin/sh
# Make .venv with callguard and its test tools in it.
set -eu
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "callguard needs Python 3.11 or newer, as PYTHON=/path/to/python3.11 make demo; on Debian and Ubuntu: sudo apt-get install python3" >&2
    exit 2
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    echo "Python's venv is missing; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2
    exit 2
}
[ -x .venv/bin/python ] || "$python" -m venv .venv
pip=".venv/bin/python -m pip --disable-pip-version-check"

. "$(dirname "$0")/torch_index.sh"
echo "Installing torch ..." >&2
install_torch .venv/bin/python
echo "Installing callguard and its test tools (a minute or two) ..." >&2
$pip install --quiet -e '.[dev]'
