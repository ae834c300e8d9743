"""numba's compiler of loops, imported without packages that it only looks for."""

from digits.core import environment
from digits.core.imports import withheld

# They would take as long to import as numba itself, and no loop here uses them.
with withheld("coverage", "scipy"):
    from numba import config, njit
    from numba.np import arraymath  # noqa: F401 - numba imports it, and scipy, as a loop is run

# Numba refuses to compile without a folder for its cache.
config.CACHE_DIR = config.CACHE_DIR or str(environment.own_cache("numba") or "")

__all__ = ["njit"]
