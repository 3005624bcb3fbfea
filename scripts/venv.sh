#!/usr/bin/env bash
# Makes .venv if there is none that works, and installs a requirements file into it, in the versions of constraints.txt.
#   PYTHON=python3 scripts/venv.sh requirements.txt
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
requirements=$1

fail() { printf '\nsphere2vec-lab: %s\n' "$1" >&2; exit 1; }

is_supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; }

find_python() {
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && is_supported "$candidate"; then echo "$candidate"; return; fi
    done
    fail "Python 3.11 to 3.14 is needed; ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 || true). \
Install one (Debian 12 and Ubuntu 24.04 have it as python3), or name it: make PYTHON=/path/to/python3.12"
}

# Debian and Ubuntu keep the module that fills a new environment in a package of its own.
install_venv_module() {
    local version package
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    package=python$version-venv
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package, which makes virtual environments ..."
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$package" && return
    fi
    fail "This Python cannot make a virtual environment. On Debian or Ubuntu run: \
sudo apt-get update && sudo apt-get install -y $package    then run make again."
}

works() { .venv/bin/python -c 'import pip' 2>/dev/null && is_supported .venv/bin/python; }

if ! works; then
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_venv_module "$python"
    echo "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv || fail "The virtual environment .venv could not be made; the lines above say why."
fi

echo "Installing $requirements into .venv (the first time takes some minutes: torch alone is hundreds of megabytes) ..."
.venv/bin/python -m pip install --disable-pip-version-check -r "$requirements" -c constraints.txt |
    { grep -v '^Requirement already satisfied' || true; } ||
    fail "Not everything in $requirements could be installed; the lines above say what. Check the network, then run make again."
