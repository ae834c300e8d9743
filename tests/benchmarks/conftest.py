"""The benchmarks pin processes to cores and read /proc, so they and their tests are for Linux."""

import sys

collect_ignore_glob = [] if sys.platform.startswith("linux") else ["test_*.py"]
