"""Choosing what a training runs on, and importing TensorFlow quietly for it."""

import os

from digits.errors import TrainingError
from digits.gpus import claim_gpu, visible_gpus
from digits.program import silent_stderr


def kind(device: str) -> str:
    """Return "GPU" or "CPU": what a training on ``device`` (cpu, gpu or auto) would run on."""
    return "GPU" if device != "cpu" and visible_gpus() else "CPU"


def prepare(device: str) -> str:
    """Import TensorFlow for one training on ``device``, with one CPU thread.

    Must be called before anything else imports TensorFlow or Keras.

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
    os.environ["KERAS_BACKEND"] = "tensorflow"
    gpus = [] if device == "cpu" else visible_gpus()
    os.environ["CUDA_VISIBLE_DEVICES"] = claim_gpu(gpus) if gpus else "-1"
    # TensorFlow's notices on start-up are the same for everyone and bury the training's own lines.
    with silent_stderr():
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
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
