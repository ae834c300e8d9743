"""Choosing what a training runs on, and importing TensorFlow quietly for it."""

import os

from digits.errors import TrainingError
from digits.program import silent_stderr


def prepare(device: str, threads: int) -> str:
    """Import TensorFlow for one training on ``device`` with at most ``threads`` CPU threads.

    Must be called before anything else imports TensorFlow or Keras.

    Parameters
    ----------
    device : "cpu", "gpu", or "auto": a GPU if there is one

    Returns
    -------
    the name of the device, for people

    Raises
    ------
    TrainingError
        If a GPU is asked for and TensorFlow finds none.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    # TensorFlow's notices on start-up are the same for everyone and bury the training's own lines.
    with silent_stderr():
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if not gpus:
        if device == "gpu":
            raise TrainingError(
                "training.device: gpu, but TensorFlow finds no GPU; use auto or cpu, or see that"
                " nvidia-smi answers and set up the environment again"
            )
        return "CPU"
    tf.config.experimental.set_memory_growth(gpus[0], True)
    tf.config.experimental.enable_op_determinism()
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
