#!/bin/sh
# What `make demo` and `make test` do first: Debian packages where that is allowed, a virtual
# environment, every Python package at its locked version and hash. Safe to run again.
set -eu
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

fail() { echo "setup: $*" >&2; exit 1; }

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  || fail "Python 3.11 or newer is needed; '$PYTHON' is not one. Name another: make setup PYTHON=/path/to/python3.11"

# System libraries: what it is for, and how to see whether it is here.
missing=""
need() { # package, test
  if ! sh -c "$2" >/dev/null 2>&1; then missing="$missing $1"; fi
}
need libportaudio2       "$PYTHON -c 'import ctypes.util,sys; sys.exit(ctypes.util.find_library(\"portaudio\") is None)'"
need espeak-ng           "command -v espeak-ng"
need pulseaudio          "command -v pulseaudio"
need pulseaudio-utils    "command -v parec"
need libasound2-plugins  "ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so"

if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing Debian packages:$missing"
    # shellcheck disable=SC2086
    { apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 \
      || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null; }; } \
      || fail "apt-get could not install:$missing. Install them by hand, then run make again."
  else
    echo "setup: these packages are missing:$missing" >&2
    echo "setup: install them first, for example: sudo apt-get install$missing" >&2
    case "$missing" in *libportaudio2*|*espeak-ng*) exit 1 ;; esac
    echo "setup: going on; only the tests that hear real sound need them" >&2
  fi
fi

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV" \
  || fail "cannot make a virtual environment in $VENV (Debian: apt-get install python3-venv)"
pip() { "$VENV/bin/python" -m pip --disable-pip-version-check -q "$@"; }
echo "setup: installing Python packages (locked, with hashes)"
pip install --require-hashes -r requirements-build.lock || fail "the build tools could not be installed; is the package index reachable?"
pip install --no-build-isolation --require-hashes -r requirements.lock || fail "the packages could not be installed; is the package index reachable?"
pip install --no-build-isolation --no-deps -e . || fail "the project itself could not be installed"
