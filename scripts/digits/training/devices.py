"""Choosing what a training runs on, and importing TensorFlow quietly for it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from digits.core import environment
from digits.core.command_line import silent_stderr
from digits.core.errors import TrainingError
from digits.training.gpu_locks import claim_gpu, visible_gpus

OPTIONAL = ("matplotlib", "pandas", "sklearn")
"""What Keras imports if it is there, for features that training does not use, in 1-2 seconds."""


def kind(device: str) -> str:
    """Return "GPU" or "CPU": what a training on ``device`` (cpu, gpu or auto) would run on."""
    return "GPU" if device != "cpu" and visible_gpus() else "CPU"


@contextmanager
def withheld(*packages: str) -> Iterator[None]:
    """Make packages that are not yet imported look as if they were not installed."""
    new = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(new))
    try:
        yield
    finally:
        for package in new:
            del sys.modules[package]


def prepare(device: str) -> str:
    """Import TensorFlow for one training on ``device``, with one CPU thread.

    Neither the user's settings of Keras nor environment variables change what it computes, but for
    those that ``digits.core.environment`` records. Must be called before anything else imports
    TensorFlow or Keras.

    Parameters
    ----------
    device : "cpu", "gpu", or "auto": a GPU if there is one; it is held till the process ends

    Returns
    -------
    the name of the device, for people

    Raises
    ------
    TrainingError
        If a GPU is asked for and TensorFlow finds none.
    """
    environment.settle(environment.for_training(os.environ))
    gpus = [] if device == "cpu" else visible_gpus()
    os.environ["CUDA_VISIBLE_DEVICES"] = claim_gpu(gpus) if gpus else "-1"
    with silent_stderr(), withheld(*OPTIONAL):
        import keras  # here, where what it would import besides is withheld
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
                "training.device: gpu, but TensorFlow finds no GPU; use auto or cpu, or see that"
                " nvidia-smi answers and set up the environment again"
            )
        return "CPU"
    tf.config.experimental.set_memory_growth(found[0], True)
    tf.config.experimental.enable_op_determinism()
    return tf.config.experimental.get_device_details(found[0]).get("device_name", "GPU")
