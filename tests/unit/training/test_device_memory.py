"""A device that is out of memory, wherever a training finds out."""

import re

import numpy as np
import pytest

from digits.core.errors import TrainingError
from digits.training import devices

devices.prepare("cpu")

import tensorflow as tf  # noqa: E402 - quietly, now that it is prepared
from training_networks import digits_cut, network_of  # noqa: E402

from digits.training import fit, loop, network, stack  # noqa: E402 - they import TensorFlow
from digits.training.device_memory import enough_memory  # noqa: E402
from digits.training.recipe import Recipe  # noqa: E402

EXHAUSTED = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
COPYING = tf.errors.InternalError(
    None, None, "Failed copying input tensor to GPU:0: Dst tensor is not initialized."
)
"""What TensorFlow raises where an array that comes from NumPy has no room on a GPU."""


def told(step: str) -> str:
    return f"^{re.escape(step)}: the device is out of memory; .*training.stack"


def failing(error: Exception):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize("error", [EXHAUSTED, COPYING])
def test_a_device_without_memory_is_told_in_one_line(error):
    with pytest.raises(TrainingError, match=told("epoch 3")), enough_memory("epoch 3"):
        raise error


def test_other_internal_errors_are_not_taken_for_a_lack_of_memory():
    error = tf.errors.InternalError(None, None, "libdevice not found")
    with pytest.raises(tf.errors.InternalError), enough_memory("epoch 3"):
        raise error


@pytest.mark.parametrize("error", [EXHAUSTED, COPYING])
def test_images_that_the_device_has_no_room_for_are_told_in_one_line(monkeypatch, error):
    monkeypatch.setattr(loop, "on_device", failing(error))
    parts = [(np.zeros((700, 8, 8), np.uint8), np.zeros(700, np.uint8))] * 2
    with pytest.raises(TrainingError, match=told("placing 1,400 images on the device")):
        loop.Tensor.side_by_side(parts)


@pytest.mark.parametrize(
    ("place", "name", "step"),
    [
        (stack, "stack_models", "building the networks"),
        (stack, "make_optimizer", "building the networks"),
        (stack.Stack, "_set_optimizer", "building the networks"),
        (stack, "run_epoch", "epoch 1"),
    ],
)
def test_a_training_that_the_device_has_no_room_for_is_told_in_one_line(
    monkeypatch, place, name, step
):
    model = network.build_network((8, 8), 10, layers=1, nodes=4, dropout=0, seeds=[1, 2])
    monkeypatch.setattr(place, name, failing(EXHAUSTED))
    with pytest.raises(TrainingError, match=told(step)):
        fit.Trainer(Recipe(epochs=1)).train([network_of(model, digits_cut(100), (1,))])
