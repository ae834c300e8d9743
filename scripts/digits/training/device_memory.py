"""A device that is out of memory, reported in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from digits.core.errors import TrainingError

NO_ROOM = "Dst tensor is not initialized"
"""How TensorFlow says, in an internal error, that a GPU's memory has no room for an array."""


@contextmanager
def enough_memory(step: str) -> Iterator[None]:
    """Report a device that is out of memory in one line.

    Parameters
    ----------
    step : what it was needed for

    Raises
    ------
    TrainingError
        If it is.
    """
    try:
        yield
    except (tf.errors.ResourceExhaustedError, tf.errors.InternalError) as error:
        if isinstance(error, tf.errors.InternalError) and NO_ROOM not in str(error):
            raise
        raise TrainingError(
            f"{step}: the device is out of memory; a smaller network, training.batch_size or"
            " training.stack, or fewer trainings at once (--cores, or --resources gpu=), may help"
        ) from None
