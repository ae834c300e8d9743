#!/usr/bin/env bash
# Create a virtual environment with the pinned packages, or update one:
#
#   envs/create.sh FOLDER REQUIREMENTS
#   envs/create.sh --check FOLDER        succeed if it exists and was not moved
#
# It uses the interpreter in PYTHON, or the first suitable one of the usual names, or uv where
# Python, or its module for virtual environments, is not installed.
set -euo pipefail
unset PYTHONPATH PYTHONHOME

# Notebooks on Colab have these set, some to files that are not there.
unset UV_BUILD_CONSTRAINT UV_CONSTRAINT UV_OVERRIDE UV_PRERELEASE UV_SYSTEM_PYTHON

fail() {
  echo "error: $1" >&2
  exit 1
}

# Succeed if an environment is where it was created and has the packages of its interpreter, which
# a system upgrade may have replaced.
in_place() {
  [ "$(cat "$1/.place" 2>/dev/null)" = "$(cd "$1" 2>/dev/null && pwd -P)" ] &&
    "$1/bin/python" -c 'import os, site; os.scandir(site.getsitepackages()[0])' 2>/dev/null
}

# Succeed if a command is a Python that the pinned packages support; pyenv's shims may be broken.
fits() {
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

# Print the real interpreter of a command: an active environment may be the one to be replaced.
base_of() {
  "$1" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))'
}

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    if fits "$name"; then
      base_of "$name"
      return
    fi
  done
}

if [ "$1" = --check ]; then
  in_place "$2"
  exit
fi

environment=$1
requirements=$2

if ! in_place "$environment"; then
  if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" || fail "PYTHON=$PYTHON is not Python 3.11, 3.12 or 3.13"
    python=$(base_of "$PYTHON")
  else
    python=$(find_python)
  fi
  if [ -n "$python" ] && "$python" -c 'import ensurepip' 2>/dev/null; then
    rm -rf "$environment"
    "$python" -m venv "$environment"
  elif uv --version >/dev/null 2>&1; then
    rm -rf "$environment"
    uv venv --quiet --python "${python:-3.13}" "$environment"
  elif [ -n "$python" ]; then
    fail "$python cannot create virtual environments; install uv or, on Debian and Ubuntu: apt install ${python##*/}-venv"
  else
    fail "Python 3.11, 3.12 or 3.13 is needed; install it, or install uv, which downloads it"
  fi
  (cd "$environment" && pwd -P >.place)
fi

if "$environment/bin/python" -c 'import pip' 2>/dev/null; then
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --use-pep517 \
    --require-hashes --no-deps --requirement "$requirements"
else
  uv pip install --quiet --python "$environment/bin/python" \
    --require-hashes --no-deps --requirement "$requirements"
fi

# With PYTHONDONTWRITEBYTECODE, Python would compile TensorFlow again in each job, which takes
# seconds, so it is compiled once here. xargs, because compileall's own processes need /dev/shm.
find "$environment/lib" -name '*.py' -print0 |
  xargs -0 -n 500 -P "$(getconf _NPROCESSORS_ONLN)" "$environment/bin/python" -m compileall -qq || true
