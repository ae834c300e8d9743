"""The compiled loops of a training: parts of an epoch, and the validation after it.

The images stay on the device as bytes, and one call of a compiled loop trains on thousands of
them, so that no time is spent on feeding batches.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from digits.augmentation.tensors import ALIGNMENT
from digits.training.optimizers import Rate

EVALUATION_BATCH = 8192

DRAWN = 1 << 24
"""Number of 2-byte random numbers drawn at a time: bounds the memory, and affects the results."""


def on_gpu() -> bool:
    """Return whether the training runs on a GPU."""
    return bool(tf.config.list_logical_devices("GPU"))


def on_device(array: np.ndarray) -> tf.Tensor:
    """Place an array on the device of the training; on a CPU, without a copy if possible.

    TensorFlow's own conversion temporarily needs twice the array's size in addition.
    """
    usable = array.flags.writeable and array.ctypes.data % ALIGNMENT == 0
    if usable and not on_gpu():
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.constant(array)


@dataclass(frozen=True)
class Part:
    """Some batches of an epoch, to be trained on one after the other.

    Attributes
    ----------
    images, labels : uint8 of shape (n, height, width), in colour (n, height, width, 3), and (n,)
    batches : int32 indices of shape (batches, images)
    kept : a dropout mask per dropout layer, bool of shape (batches, images, units), True where a
        value is kept
    """

    images: np.ndarray | tf.Tensor
    labels: np.ndarray | tf.Tensor
    batches: np.ndarray
    kept: list[np.ndarray]


class Source(Protocol):
    """Where the images of the epochs come from; its length is the number of images of an epoch."""

    at_once: int
    """Number of images that a part may have."""

    made: bool
    """Whether the images of an epoch have yet to be made."""

    def __len__(self) -> int: ...

    def epoch(self, number: int) -> Callable[[np.ndarray], tuple[Any, Any, np.ndarray]]:
        """Return what gives the images of an epoch.

        Returns
        -------
        function from batches, int32 places in the epoch of shape (batches, images), to images and
        labels, and to the places of the batches among these
        """


class Tensor:
    """The same images in each epoch, on the device of the training."""

    at_once, made = 2**31, False

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = on_device(images), tf.constant(labels)

    def __len__(self) -> int:
        return len(self.images)

    def epoch(self, number: int) -> Callable[[np.ndarray], tuple[Any, Any, np.ndarray]]:
        """Return what gives all images and labels, and the batches as they are."""
        return lambda batches: (self.images, self.labels, batches)


def parts_of(
    source: Source,
    model: keras.Sequential,
    batch_size: int,
    generator: np.random.Generator,
    epoch: int,
) -> Iterator[Part]:
    """Yield the parts of an epoch: all images once, in random order, and the dropout masks.

    Parameters
    ----------
    generator : draws the order, then the masks of each part
    """
    dropouts = dropout_layers(model)
    drawn = sum(units_of(layer) for layer in dropouts) * batch_size
    at_once = max(1, min(DRAWN // max(1, drawn), source.at_once // batch_size))
    take = source.epoch(epoch)
    order = generator.permutation(len(source)).astype(np.int32)
    for batches in cut(order, batch_size, at_once):
        kept = [
            draw_kept(generator, (*batches.shape, units_of(layer)), layer.rate)
            for layer in dropouts
        ]
        yield Part(*take(batches), kept)


def run_epoch(
    run_part: Callable[..., tuple[tf.Tensor, tf.Tensor]], parts: Iterator[Part], count: int
) -> tuple[float, float]:
    """Train on the next parts, ``count`` images; return the mean loss and the accuracy.

    Parameters
    ----------
    run_part : see :func:`compile_part`
    """
    seen = loss = correct = 0
    while seen < count:
        part = next(parts)
        part_loss, part_correct = run_part(part.images, part.labels, part.batches, part.kept)
        seen += part.batches.size
        loss, correct = loss + float(part_loss), correct + int(part_correct)
    return loss / count, correct / count


def cut(order: np.ndarray, size: int, at_once: int) -> Iterator[np.ndarray]:
    """Split an order into parts of up to ``at_once`` batches: arrays of shape (batches, images).

    All batches have ``size`` images except the last, which has the remainder.
    """
    whole = order[: len(order) // size * size].reshape(-1, size)
    for start in range(0, len(whole), at_once):
        yield whole[start : start + at_once]
    if whole.size < len(order):
        yield order[None, whole.size :]


def compile_part(
    model: keras.Sequential,
    optimizer: keras.optimizers.Optimizer,
    rate: Rate | None,
    label_smoothing: float,
) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
    """Return a compiled function that trains on some batches, one after the other.

    It takes what a :class:`Part` contains, and returns the sum of the losses of all images and the
    number correct. For a GPU, XLA compiles it to one program; launching kernel by kernel took most
    of the time (an epoch of 2 x 100 on an H100: 35 s instead of 4).

    Parameters
    ----------
    rate : the optimizer's learning rate, if it is not constant
    """
    loss_of = training_loss(model.output_shape[-1], label_smoothing)
    weights = model.trainable_variables
    optimizer.build(weights)
    shapes = [(None, None, units_of(layer)) for layer in dropout_layers(model)]

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, *model.input_shape[1:]], tf.uint8),
            tf.TensorSpec([None], tf.uint8),
            tf.TensorSpec([None, None], tf.int32),
            [tf.TensorSpec(shape, tf.bool) for shape in shapes],
        ],
        jit_compile=on_gpu(),
        autograph=False,  # it would take a quarter of a second for each training
    )
    def run_part(
        images: tf.Tensor, labels: tf.Tensor, batches: tf.Tensor, kept: list[tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        def step(
            number: tf.Tensor, total_loss: tf.Tensor, correct: tf.Tensor
        ) -> tuple[tf.Tensor, ...]:
            batch = batches[number]
            truth = tf.gather(labels, batch)
            masks = [mask[number] for mask in kept]
            with tf.GradientTape() as tape:
                probabilities = forward(model, tf.gather(images, batch), masks)
                loss = loss_of(truth, probabilities)
            if rate:
                rate.start(optimizer.iterations)
            optimizer.apply(tape.gradient(loss, weights), weights)
            total_loss += loss * tf.cast(tf.size(batch), tf.float32)
            return number + 1, total_loss, correct + count_correct(probabilities, truth)

        return repeated(step, tf.shape(batches)[0])

    return run_part


def repeated(
    step: Callable[..., tuple[tf.Tensor, ...]], count: int | tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the sums of the losses and of the correct images after ``count`` steps.

    Parameters
    ----------
    step : from its number, the first of which is 0, and the sums so far to the next number and sums
    """
    start = (tf.constant(0), tf.constant(0.0), tf.constant(0))
    return tf.while_loop(lambda number, *_: number < count, step, start)[1:]


def training_loss(
    classes: int, label_smoothing: float
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Return the mean cross-entropy, of labels of shape (n,) and probabilities of (n, classes).

    With label smoothing, that share of each label is spread evenly over all classes.
    """
    if not label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy()
    smoothed = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing)
    return lambda truth, probabilities: smoothed(tf.one_hot(truth, classes), probabilities)


def dropout_layers(model: keras.Sequential) -> list[keras.layers.Dropout]:
    """Return the dropout layers of a model whose rate is not 0."""
    return [
        layer for layer in model.layers if isinstance(layer, keras.layers.Dropout) and layer.rate
    ]


def units_of(layer: keras.layers.Layer) -> int:
    """Return the number of outputs of a layer per image."""
    return layer.output.shape[-1]


def draw_kept(generator: np.random.Generator, shape: tuple[int, ...], rate: float) -> np.ndarray:
    """Draw a dropout mask: bools of the given shape, each False with probability ``rate``.

    A value takes 16 random bits, so its probability is ``rate`` to within 1 / 2**17. TensorFlow's
    own generator would take a sixth of the time of a training, this takes a thirtieth.
    """
    size = math.prod(shape)
    words = generator.integers(2**64, size=-(-size // 4), dtype=np.uint64)
    return (words.view(np.uint16)[:size] >= round(rate * 2**16)).reshape(shape)


def forward(model: keras.Sequential, images: tf.Tensor, kept: Sequence[tf.Tensor]) -> tf.Tensor:
    """Apply a model as in training, with the given dropout masks.

    The values that are kept are scaled so that the mean stays the same: Srivastava et al. (2014),
    Journal of Machine Learning Research 15, 1929-1958, with the scaling in training as in Keras.

    Returns
    -------
    float32 class probabilities of shape (images, classes)
    """
    values, masks = images, dict(zip(dropout_layers(model), kept, strict=True))
    for layer in model.layers:
        if layer in masks:
            values *= tf.cast(masks[layer], values.dtype) * (1 / (1 - layer.rate))
        elif not isinstance(layer, keras.layers.Dropout):
            values = layer(values)
    return values


def compile_evaluation(
    model: keras.Model, validation: tuple[np.ndarray, np.ndarray]
) -> Callable[[], tuple[tf.Tensor, tf.Tensor]]:
    """Return a compiled function that computes the mean loss and the accuracy, without dropout."""
    images, labels = tf.constant(validation[0]), tf.constant(validation[1])
    loss_of = keras.losses.SparseCategoricalCrossentropy(reduction="sum")
    count = len(validation[0])

    @tf.function(autograph=False)
    def evaluate() -> tuple[tf.Tensor, tf.Tensor]:
        def step(
            number: tf.Tensor, total_loss: tf.Tensor, correct: tf.Tensor
        ) -> tuple[tf.Tensor, ...]:
            some = slice(number * EVALUATION_BATCH, (number + 1) * EVALUATION_BATCH)
            probabilities = model(images[some], training=False)
            total_loss += loss_of(labels[some], probabilities)
            return number + 1, total_loss, correct + count_correct(probabilities, labels[some])

        total_loss, correct = repeated(step, math.ceil(count / EVALUATION_BATCH))
        return total_loss / count, correct / count

    return evaluate


def count_correct(probabilities: tf.Tensor, truth: tf.Tensor) -> tf.Tensor:
    """Count the images whose most probable class is the true one."""
    predicted = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
    return tf.reduce_sum(tf.cast(predicted == tf.cast(truth, tf.int32), tf.int32))
