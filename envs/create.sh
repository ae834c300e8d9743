#!/usr/bin/env bash
# Create a virtual environment with the pinned packages: envs/create.sh FOLDER REQUIREMENTS
#
# It takes the interpreter named by PYTHON or else the first that fits of the usual names, and uv
# where Python, or its module for virtual environments, is not installed.
set -euo pipefail

environment=$1
requirements=$2

fail() {
  echo "error: $1" >&2
  exit 1
}

# Whether a command is a Python that the pinned packages support; shims of pyenv may lead nowhere.
fits() {
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    if fits "$name"; then
      echo "$name"
      return
    fi
  done
}

python=${PYTHON:-$(find_python)}
if [ -n "${PYTHON:-}" ] && ! fits "$python"; then
  fail "PYTHON=$python is not Python 3.11, 3.12 or 3.13"
fi

if [ -n "$python" ] && "$python" -c 'import ensurepip' 2>/dev/null; then
  rm -rf "$environment"
  "$python" -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --use-pep517 \
    --require-hashes --no-deps --requirement "$requirements"
elif uv --version >/dev/null 2>&1; then
  rm -rf "$environment"
  uv venv --quiet --python "${python:-3.13}" "$environment"
  uv pip install --quiet --python "$environment/bin/python" \
    --require-hashes --no-deps --requirement "$requirements"
elif [ -n "$python" ]; then
  fail "$python cannot create virtual environments; install uv or, on Debian and Ubuntu: apt install ${python##*/}-venv"
else
  fail "Python 3.11, 3.12 or 3.13 is needed; install it, or install uv, which downloads it"
fi

# Where PYTHONDONTWRITEBYTECODE is set, Python would compile TensorFlow anew in each job, which
# takes seconds, so it is compiled here once. compileall's own processes would need /dev/shm.
find "$environment/lib" -name '*.py' -print0 |
  xargs -0 -n 500 -P "$(nproc)" "$environment/bin/python" -m compileall -qq || true
