"""Environment variables for jobs, trainings and plots, independent of the user's settings.

TensorFlow, Keras and the libraries below them read some two hundred variables, more with each
release. They are therefore removed by prefix, except for a few that are listed.
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
    "CUDA_FORCE_",  # recompiles kernels instead of using those that are shipped
    "NVIDIA_TF32_",
)
"""Prefixes of the variables that the libraries of a training read."""

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
"""Variables that are kept: they affect only logging and memory allocation."""

RECORDED = {"XLA_FLAGS"}
"""Variables that may change results but that a user may need, such as the location of CUDA."""

DETERMINISTIC = "--xla_gpu_exclude_nondeterministic_ops=true"
"""XLA's flag by which what it compiles for a GPU computes the same bits each time.

On an H100, 5 x 200 took 183 microseconds a step with it, 137 without, and 800 with TensorFlow's
``enable_op_determinism``.
"""

CACHES = Path(".snakemake/caches")
"""Folder for the caches of libraries, inside Snakemake's own in the working folder."""


FOREIGN = (
    "PYTHON",  # PYTHONPATH, PYTHONHOME, PYTHONSAFEPATH, PYTHONWARNINGS, PYTHONOPTIMIZE …
    "BASH_ENV",  # a script that every command of a rule would run first
    "OPENBLAS_CORETYPE",  # like NPY_, it chooses the kernels of NumPy's products and sums
    "OPENBLAS_VERBOSE",
    "NPY_",
    "NUMBA_",
)
"""Prefixes of variables that would make any job run other code, compute differently or log more."""

KEPT = {
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONNOUSERSITE",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUNBUFFERED",
    "PYTHONUTF8",
    "NUMBA_CACHE_DIR",
}
"""Exceptions that change no result; nor do PYTHON_VERSION and others that containers set."""


def foreign(environment: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that are set but removed for jobs, sorted."""
    return sorted(name for name in environment if is_foreign(name) and environment[name])


def is_foreign(name: str) -> bool:
    """Return whether a variable is removed for jobs."""
    return name.startswith(FOREIGN) and not name.startswith("PYTHON_") and name not in KEPT


def for_jobs(environment: Mapping[str, str], interpreter: Path | None) -> dict[str, str]:
    """Return the environment for jobs, in which they import no code from the user's account.

    Snakemake starts them with it, so it also holds for what NumPy reads when it is imported.

    Parameters
    ----------
    interpreter : the Python that commands must find first on PATH; None leaves PATH unchanged
    """
    kept = {name: value for name, value in environment.items() if not is_foreign(name)}
    # scikit-learn's joblib, whose processes no job uses, warns where /dev/shm is not writable.
    kept["JOBLIB_MULTIPROCESSING"] = "0"
    # In a notebook, it names a backend that the notebook's Python has and a job's need not have.
    kept.pop("MPLBACKEND", None)
    # Under a locale that is not installed, TensorFlow is not found in a folder such as "naïve".
    kept["PYTHONUTF8"] = "1"
    if interpreter:
        folders = kept.get("PATH", os.defpath).split(os.pathsep)
        others = [folder for folder in folders if folder != str(interpreter.parent)]
        kept["PATH"] = os.pathsep.join([str(interpreter.parent), *others])
    return kept


def for_training(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a training, without variables that change what it computes.

    Keras reads ``keras.json`` in its home folder, or creates it. With the null device as its home
    it does neither. The flag ``DETERMINISTIC`` comes last, where it counts whatever the user set.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name in HARMLESS | RECORDED or not name.startswith(PREFIXES)
    }
    # TensorFlow's notices are always the same and hide the training's own lines.
    kept.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    flags = " ".join([*_flags(kept.get("XLA_FLAGS", "")), DETERMINISTIC])
    return kept | {"KERAS_BACKEND": "tensorflow", "KERAS_HOME": os.devnull, "XLA_FLAGS": flags}


def recorded(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the user's variables that are kept and are part of a training's identity."""
    flags = " ".join(_flags(environment.get("XLA_FLAGS", "")))
    return {"XLA_FLAGS": flags} if flags else {}


def _flags(text: str) -> list[str]:
    """Return the flags of XLA in a text, without the one that is always added."""
    return [flag for flag in text.split() if flag != DETERMINISTIC]


def for_plots(environment: Mapping[str, str], cache: Path | None) -> dict[str, str]:
    """Return the environment for Matplotlib, in which it reads none of the user's settings.

    Parameters
    ----------
    cache : folder for Matplotlib's font cache; None for the default
    """
    fixed = {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}
    if cache and "MPLCONFIGDIR" not in environment:
        fixed["MPLCONFIGDIR"] = str(cache)
    return {**environment, **fixed}


def own_cache(library: str) -> Path | None:
    """Return a cache folder for a library if there is no writable home folder, else None.

    In a container or a cluster job, the user may have none.
    """
    try:
        writable = os.access(Path.home(), os.W_OK)
    except RuntimeError:  # neither HOME nor the user database names one
        writable = False
    return None if writable else CACHES.absolute() / library


def settle(variables: Mapping[str, str]) -> None:
    """Replace the environment variables of this process."""
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)
