#!/usr/bin/env bash
# Writes constraints.txt: the version of every package that requirements-dev.txt brings, installed afresh.
#   PYTHON=python3.11 scripts/lock.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --disable-pip-version-check --quiet -r requirements-dev.txt
{
    echo "# The version of every package that requirements-dev.txt brings, as resolved and tested: scripts/venv.sh installs"
    echo "# with these constraints.  Written by \`make lock\`; then run \`make test\`.  Packages that only other systems or"
    echo "# Pythons need are not constrained."
    # Not the pins of requirements.txt, which are written there; no local build such as +cpu.
    "$folder/venv/bin/python" -m pip freeze --all --disable-pip-version-check |
        sed 's/+[A-Za-z0-9.]*$//' |
        grep -vi "^pip==" |
        grep -viFf <(grep -o '^[A-Za-z0-9_-]*==' requirements.txt)
} > "$folder/constraints.txt"
mv "$folder/constraints.txt" constraints.txt
echo "constraints.txt has $(grep -c == constraints.txt) packages"
