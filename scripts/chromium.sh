#!/usr/bin/env bash
# Sees to it that there is a Chromium for the browser tests; says what to run where it cannot install one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The tests look in the same places: there is one list of them.
found() { .venv/bin/python tests/chromium.py 2>/dev/null; }

if found >/dev/null; then exit 0; fi
if [ -n "${CHROMIUM:-}" ]; then
    echo "sphere2vec-lab: CHROMIUM=$CHROMIUM is not a program that can be run; correct it or unset it." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests ..."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium || true
    # Ubuntu's package is only a pointer to a snap: there playwright brings its own.
    found >/dev/null || .venv/bin/python -m playwright install --with-deps chromium || true
    if found >/dev/null; then exit 0; fi
fi
cat >&2 <<'MESSAGE'

sphere2vec-lab: the browser tests need Chromium, and there is none. Run one of these, then make again:
  Debian:   sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium
  Ubuntu:   sudo .venv/bin/python -m playwright install-deps chromium && .venv/bin/python -m playwright install chromium
  else:     CHROMIUM=/path/to/chromium make test
Everything else can be checked without it:  make lint types imports unit
MESSAGE
exit 1
