"""Environment variables for jobs, trainings and plots that are the same whatever the user has set.

TensorFlow, Keras and the libraries below them read some two hundred variables, and their number
grows with each release. They are therefore removed by prefix, and the few that may stay are named.
"""

import os
from collections.abc import Mapping
from pathlib import Path

PREFIXES = (
    "TF",  # TF_ENABLE_ONEDNN_OPTS, TF_DETERMINISTIC_OPS, TF_XLA_FLAGS, TF2_BEHAVIOR …
    "TENSORFLOW_",
    "AUTOGRAPH_",
    "KERAS_",
    "XLA_",
    "PJRT_",
    "ONEDNN_",
    "DNNL_",
    "MKL_",
    "OMP_",
    "GOMP_",
    "KMP_",
    "OPENBLAS_",
    "GOTO_",
    "NPY_",
    "NUMPY_",
    "CUBLAS",
    "CUDNN_",
    "CUDA_FORCE_",  # compiling kernels again instead of taking those that are shipped
    "NVIDIA_TF32_",
)
"""How variables begin that the libraries of a training read."""

HARMLESS = {
    "TF_CPP_MIN_LOG_LEVEL",
    "TF_CPP_MAX_VLOG_LEVEL",
    "TF_CPP_VMODULE",
    "TF_DEVICE_MIN_SYS_MEMORY_IN_MB",
    "TF_FORCE_GPU_ALLOW_GROWTH",
    "TF_FORCE_UNIFIED_MEMORY",
    "TF_GPU_ALLOCATOR",
    "TF_GPU_HOST_MEM_LIMIT_IN_MB",
    "TF_PER_DEVICE_MEMORY_LIMIT_MB",
}
"""Those that may stay: they decide what is logged and how memory is allocated."""

RECORDED = {"XLA_FLAGS"}
"""Those that may change the results and that a user may need, such as to say where CUDA is."""

CACHES = Path(".snakemake/caches")
"""Where libraries keep their caches in the working folder; Snakemake's own folder is there too."""


FOREIGN = (
    "PYTHON",  # PYTHONPATH, PYTHONHOME, PYTHONSAFEPATH, PYTHONWARNINGS, PYTHONOPTIMIZE …
    "BASH_ENV",  # a script that each command of a rule would run first
    "OPENBLAS_CORETYPE",  # it and NPY_ choose the kernels of NumPy's products and sums
    "OPENBLAS_VERBOSE",
    "NPY_",
    "NUMBA_",
)
"""How variables begin by which any job would run other code, compute otherwise, or print more."""

KEPT = {
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONNOUSERSITE",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUNBUFFERED",
    "PYTHONUTF8",
    "NUMBA_CACHE_DIR",
}
"""Those that begin so and change no result; neither do PYTHON_VERSION and others of containers."""


def foreign(environment: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that are set and that jobs do without."""
    return sorted(name for name in environment if is_foreign(name) and environment[name])


def is_foreign(name: str) -> bool:
    """Whether jobs do without a variable."""
    return name.startswith(FOREIGN) and not name.startswith("PYTHON_") and name not in KEPT


def for_jobs(environment: Mapping[str, str], interpreter: Path | None) -> dict[str, str]:
    """Return the environment for jobs, in which they import no code but the project's own.

    They are started by Snakemake, so what NumPy reads when it is imported is settled by then.

    Parameters
    ----------
    interpreter : the Python that commands are to find first, activated or not; None leaves PATH
    """
    kept = {name: value for name, value in environment.items() if not is_foreign(name)}
    # scikit-learn's joblib, whose processes no job uses, warns where /dev/shm cannot be written to.
    kept["JOBLIB_MULTIPROCESSING"] = "0"
    # Under a locale that is not installed, TensorFlow is not found in a folder such as "naïve".
    kept["PYTHONUTF8"] = "1"
    if interpreter:
        folders = kept.get("PATH", os.defpath).split(os.pathsep)
        others = [folder for folder in folders if folder != str(interpreter.parent)]
        kept["PATH"] = os.pathsep.join([str(interpreter.parent), *others])
    return kept


def for_training(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a training, in which it computes what it would in any other.

    Keras reads ``keras.json`` in its home and writes one where there is none. With the null device
    for a home it does neither.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name in HARMLESS | RECORDED or not name.startswith(PREFIXES)
    }
    # TensorFlow's notices are the same for everyone and bury the training's own lines.
    kept.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    return kept | {"KERAS_BACKEND": "tensorflow", "KERAS_HOME": os.devnull}


def recorded(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that are left to the user and are part of a training's identity."""
    return {name: environment[name] for name in sorted(RECORDED & environment.keys())}


def for_plots(environment: Mapping[str, str], cache: Path | None) -> dict[str, str]:
    """Return the environment for Matplotlib, in which it reads no settings of the user's.

    Parameters
    ----------
    cache : folder for Matplotlib's cache of fonts; None leaves it where it is by default
    """
    fixed = {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}
    if cache and "MPLCONFIGDIR" not in environment:
        fixed["MPLCONFIGDIR"] = str(cache)
    return {**environment, **fixed}


def own_cache(library: str) -> Path | None:
    """Return the folder for a library's cache where there is no home folder to write to, else None.

    In a container or a job of a cluster, the user may have none.
    """
    try:
        writable = os.access(Path.home(), os.W_OK)
    except RuntimeError:  # neither HOME nor the system's list of users names one
        writable = False
    return None if writable else CACHES.absolute() / library


def settle(variables: Mapping[str, str]) -> None:
    """Make these the environment variables of this process, and no others."""
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)
