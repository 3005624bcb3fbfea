#!/usr/bin/env bash
# Sees to it that there is an nginx for the test of the lab behind a proxy, where this may install one.
set -euo pipefail

found() { command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; }

if ! found && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing nginx for the test behind a proxy ..."
    # RUNLEVEL=1: Debian starts no server by itself then.
    { apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends nginx; } || true
fi
found || echo "sphere2vec-lab: no nginx (Debian: sudo apt-get install nginx): the test behind a proxy is skipped." >&2
