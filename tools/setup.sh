#!/bin/sh
# What `make demo` and `make test` do first: Debian packages where that is allowed, a virtual environment,
# every Python package at its locked version and hash. It does nothing when nothing has changed, and can be
# interrupted and run again at any point.
#   PYTHON  the Python to use (python3)        VENV  the virtual environment (.venv)
set -eu
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}
STAMP=$VENV/.installed

say() { echo "setup: $*"; }
complain() { echo "setup: $*" >&2; }
fail() { complain "$*"; exit 1; }

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  complain "Python 3.11 or newer is needed, and '$PYTHON' is not one"
  fail "name another: make setup PYTHON=/path/to/python3.11"
}

# An environment of another Python, or one that was moved here with its folder, is made anew.
case $VENV in /*) place=$VENV ;; *) place=$(pwd -P)/$VENV ;; esac
base=$("$PYTHON" -c 'import os, sys; print(os.path.realpath(sys._base_executable))')
ours() {
  grep -qxF "executable = $base" "$VENV/pyvenv.cfg" 2>/dev/null || return 1
  case $(grep '^command = ' "$VENV/pyvenv.cfg") in *" $place") ;; *) return 1 ;; esac
  "$VENV/bin/python" -c "import pip" 2>/dev/null
}
locked=$(cat pyproject.toml requirements.lock requirements-build.lock tools/setup.sh | cksum)
if [ "$(cat "$STAMP" 2>/dev/null)" = "$locked" ] && ours; then exit 0; fi

# System packages by their Debian names: what each is for, and how to see whether it is here.
look() {
  missing=""
  need libportaudio2      "sound cards"                     finds_library portaudio
  need espeak-ng          "the voice that needs no network" command -v espeak-ng
  need pulseaudio         "tests that hear real sound"      command -v pulseaudio
  need pulseaudio-utils   "tests that hear real sound"      command -v parec
  need libasound2-plugins "tests that hear real sound"      finds_alsa_to_pulse
}
need() { # Debian package, what for, test...
  package=$1 purpose=$2
  shift 2
  if "$@" >/dev/null 2>&1; then return; fi
  missing="$missing $package"
  if [ "${tell:-}" ]; then complain "  $package: $purpose"; fi
}
finds_library() {
  "$PYTHON" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library(sys.argv[1]) is None)' "$1"
}
finds_alsa_to_pulse() { ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so; }
apt_install() { # --no-remove: it never takes away another sound server that is in the way
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove \
    -o DPkg::Lock::Timeout=120 $missing
}

look
if [ "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  say "installing Debian packages:$missing"
  apt_install >/dev/null 2>&1 || { apt-get update -qq && apt_install >/dev/null; } \
    || complain "apt-get failed"
  look
fi
if [ "$missing" ]; then
  complain "these Debian packages are missing:"
  tell=yes look
  complain "install them with: sudo apt-get install --no-install-recommends$missing"
  complain "going on without them; what they are for will not work"
fi

if ! ours; then
  if [ -e "$VENV" ] && [ ! -e "$VENV/pyvenv.cfg" ] && [ "$(ls -A "$VENV")" ]; then
    fail "$VENV is no virtual environment: move it away, or name another with VENV="
  fi
  say "making a virtual environment in $VENV"
  rm -rf "$VENV"
  "$PYTHON" -m venv "$VENV" || fail "it could not be made (on Debian: sudo apt-get install python3-venv)"
fi
rm -f "$STAMP"

# -qq leaves errors on the screen and nothing else.
pip() {
  "$VENV/bin/python" -m pip -qq --disable-pip-version-check --no-input install --progress-bar off "$@"
}
excuse="could not be installed, for the reason above: is the package index reachable?"
say "installing Python packages, locked and checked by hash (the first time takes a minute or two)"
pip --require-hashes -r requirements-build.lock || fail "the build tools $excuse"
pip --require-hashes --no-build-isolation -r requirements.lock || fail "the packages $excuse"
pip --no-build-isolation --no-deps --editable . || fail "the project itself could not be installed"

# While something is missing it is said every time.
if [ -z "$missing" ]; then echo "$locked" >"$STAMP"; fi
say "done"
