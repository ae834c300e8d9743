"""Choosing the device of a training, and importing TensorFlow quietly."""

import os
import platform
from pathlib import Path

from digits.core import environment
from digits.core.atomic_files import read_text
from digits.core.command_line import silent_stderr
from digits.core.errors import DataError, TrainingError
from digits.core.imports import withheld
from digits.training.gpu_locks import claim_gpu, visible_gpus

OPTIONAL = ("matplotlib", "pandas", "PIL", "scipy", "sklearn")
"""Packages that Keras and TensorFlow import if installed, in 1-2 seconds; no training uses them."""


CPU = "CPU"
"""What :func:`prepare` returns where a training runs on the processor."""


def kind(device: str) -> str:
    """Return "GPU" or "CPU": the kind of device expected for the setting ``device``.

    TensorFlow, which takes seconds to import, may find that it cannot use the GPUs of the machine.

    Parameters
    ----------
    device : "cpu", "gpu" or "auto"
    """
    return "GPU" if device != "cpu" and visible_gpus() else CPU


def kind_of(device: str) -> str:
    """Return "GPU" or "CPU": the kind of a device that :func:`prepare` returned."""
    return CPU if device == CPU else "GPU"


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the model of this machine's processor, or its architecture where it is not said.

    Parameters
    ----------
    cpuinfo : file in which Linux describes the processors
    """
    try:
        lines = read_text(cpuinfo).splitlines()
    except DataError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(filter(None, models), platform.machine())


def prepare(device: str) -> str:
    """Import TensorFlow for trainings on ``device``, with one CPU thread.

    Neither the user's Keras settings nor environment variables change what it computes, except
    those that ``digits.core.environment`` records. Must be called before anything else imports
    TensorFlow or Keras.

    Parameters
    ----------
    device : "cpu", "gpu" or "auto" (a GPU if there is one, held until the process ends, else the
        CPU, with a note where the machine has GPUs that TensorFlow cannot use)

    Returns
    -------
    the display name of the device

    Raises
    ------
    TrainingError
        If ``device`` is "gpu" and TensorFlow finds none, or if XLA_FLAGS names a file of flags,
        to which none could be added.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip()
    if flags and not flags.startswith("-"):
        raise TrainingError(f"XLA_FLAGS: expected flags that begin with --, found {flags!r}")
    environment.settle(environment.for_training(os.environ))
    gpus = [] if device == "cpu" else visible_gpus()
    os.environ["CUDA_VISIBLE_DEVICES"] = claim_gpu(gpus) if gpus else "-1"
    with silent_stderr(), withheld(*OPTIONAL):
        import keras  # here, where its optional imports are withheld
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if not found:
        if device == "gpu":
            raise TrainingError(
                "training.device: gpu, but TensorFlow finds no GPU; use auto or cpu, or make sure"
                " that nvidia-smi works and set up the environment again"
            )
        if gpus:
            print(
                "note: TensorFlow cannot use the machine's GPU, so this runs on the CPU; set up the"
                " environment again, or set training.device to cpu",
                flush=True,
            )
        return CPU
    tf.config.experimental.set_memory_growth(found[0], True)
    return tf.config.experimental.get_device_details(found[0]).get("device_name", "GPU")
