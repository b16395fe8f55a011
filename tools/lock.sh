#!/bin/sh
# Remakes requirements.lock and requirements-build.lock: every package at one version, for every Python and
# machine, with the hashes of its files and no word of where they come from. What is locked stays as it is
# unless pyproject.toml or requirements-build.in forbids it; --upgrade takes the newest allowed.
# uv makes locks and does nothing else here: installing needs only pip.
set -eu
PYTHON=${PYTHON:-python3}
TOOLS=build/lock
UV_VERSION=0.13.9

[ -x "$TOOLS/bin/python" ] || "$PYTHON" -m venv "$TOOLS"
"$TOOLS/bin/python" -m pip -qq --disable-pip-version-check install "uv==$UV_VERSION"
compile() { # lock, sources and options
  lock=$1; shift
  echo "lock: $lock"
  "$TOOLS/bin/uv" pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
    --output-file "$lock" "$@"
}
compile requirements-build.lock requirements-build.in "$@"
compile requirements.lock --all-extras pyproject.toml "$@"
