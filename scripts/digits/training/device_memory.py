"""A device that is out of memory, reported in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from digits.core.errors import TrainingError


@contextmanager
def enough_memory(epoch: int) -> Iterator[None]:
    """Report a device that is out of memory in one line.

    Raises
    ------
    TrainingError
        If it is.
    """
    try:
        yield
    except tf.errors.ResourceExhaustedError:
        raise TrainingError(
            f"epoch {epoch}: the device is out of memory; a smaller network, training.batch_size or"
            " training.stack, or fewer trainings at once (--cores), may help"
        ) from None
