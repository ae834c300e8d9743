"""The compiled loops of a training: parts of an epoch, and the validation after it.

The images stay on the device as bytes, and thousands of them are trained on in one call of a
compiled loop, so that no time goes into feeding batches.
"""

import math
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from digits.tensors import ALIGNMENT

EVALUATION_BATCH = 8192

DRAWN = 1 << 24
"""Random numbers drawn at a time, of 2 bytes each: bounds the memory, decides who gets which."""


def on_device(array: np.ndarray) -> tf.Tensor:
    """Put an array where the training runs; on a CPU it stays where it is, if that can be used.

    TensorFlow's own conversion needs, for a moment, twice the array's size on top of it.
    """
    usable = array.flags.writeable and array.ctypes.data % ALIGNMENT == 0
    if usable and not tf.config.list_logical_devices("GPU"):
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.constant(array)


def compile_epoch(
    model: keras.Sequential,
    training: tuple[np.ndarray, np.ndarray],
    optimizer: keras.optimizers.Optimizer,
    batch_size: int,
) -> Callable[[np.random.Generator], tuple[float, float]]:
    """Return a function that trains on all images once, in an order that a generator gives.

    The generator gives what is dropped, too. It returns the mean loss and the accuracy.
    """
    count = len(training[0])
    dropouts = dropout_layers(model)
    run_part = compile_part(model, training, optimizer, batch_size)
    values = sum(layer.output.shape[-1] for layer in dropouts)
    part = batch_size * max(1, DRAWN // max(1, batch_size * values))

    def run_epoch(generator: np.random.Generator) -> tuple[float, float]:
        order = generator.permutation(count).astype(np.int32)
        loss = correct = 0
        for start in range(0, count, part):
            images = order[start : start + part]
            kept = [
                draw_kept(generator, (len(images), layer.output.shape[-1]), layer.rate)
                for layer in dropouts
            ]
            part_loss, part_correct = run_part(images, kept)
            loss, correct = loss + float(part_loss), correct + int(part_correct)
        return loss / count, correct / count

    return run_epoch


def compile_part(
    model: keras.Sequential,
    training: tuple[np.ndarray, np.ndarray],
    optimizer: keras.optimizers.Optimizer,
    batch_size: int,
) -> Callable[[np.ndarray, Sequence[np.ndarray]], tuple[tf.Tensor, tf.Tensor]]:
    """Return a compiled function that trains on some images, batch by batch.

    It takes int32 indices of shape (n,) and, of each layer that drops values, which it keeps: bools
    of shape (n, units). It returns the sum of the losses and how many images were told right.
    """
    images, labels = on_device(training[0]), tf.constant(training[1])
    loss_of = keras.losses.SparseCategoricalCrossentropy()
    weights = model.trainable_variables
    optimizer.build(weights)
    shapes = [(None, layer.output.shape[-1]) for layer in dropout_layers(model)]

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int32),
            [tf.TensorSpec(shape, tf.bool) for shape in shapes],
        ]
    )
    def run_part(order: tf.Tensor, kept: list[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        total_loss, correct = tf.constant(0.0), tf.constant(0)
        for start in tf.range(0, tf.size(order), batch_size):
            batch = order[start : start + batch_size]
            truth = tf.gather(labels, batch)
            masks = [mask[start : start + batch_size] for mask in kept]
            with tf.GradientTape() as tape:
                probabilities = forward(model, tf.gather(images, batch), masks)
                loss = loss_of(truth, probabilities)
            optimizer.apply(tape.gradient(loss, weights), weights)
            total_loss += loss * tf.cast(tf.size(batch), tf.float32)
            correct += count_correct(probabilities, truth)
        return total_loss, correct

    return run_part


def dropout_layers(model: keras.Sequential) -> list[keras.layers.Dropout]:
    """Return the layers of a model that drop anything in training."""
    return [
        layer for layer in model.layers if isinstance(layer, keras.layers.Dropout) and layer.rate
    ]


def draw_kept(generator: np.random.Generator, shape: tuple[int, int], rate: float) -> np.ndarray:
    """Draw which values dropout keeps: bools, each False with probability ``rate``.

    A value takes 16 random bits, so its probability is ``rate`` to within 1 / 2**17. TensorFlow's
    own numbers would take a sixth of the time of a training, these take a fiftieth.
    """
    size = math.prod(shape)
    words = generator.integers(2**64, size=-(-size // 4), dtype=np.uint64)
    return (words.view(np.uint16)[:size] >= round(rate * 2**16)).reshape(shape)


def forward(model: keras.Sequential, images: tf.Tensor, kept: Sequence[tf.Tensor]) -> tf.Tensor:
    """Apply a model as in training, its layers of dropout by the values that they are to keep.

    What is kept is scaled so that the mean stays: Srivastava et al. (2014), Journal of Machine
    Learning Research 15, 1929-1958, in the form of Keras, scaled in training.
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
    """Return a compiled function that gives the mean loss and the accuracy, without dropout."""
    images, labels = tf.constant(validation[0]), tf.constant(validation[1])
    loss_of = keras.losses.SparseCategoricalCrossentropy(reduction="sum")
    count = len(validation[0])

    @tf.function
    def evaluate() -> tuple[tf.Tensor, tf.Tensor]:
        total_loss, correct = tf.constant(0.0), tf.constant(0)
        for start in tf.range(0, count, EVALUATION_BATCH):
            truth = labels[start : start + EVALUATION_BATCH]
            probabilities = model(images[start : start + EVALUATION_BATCH], training=False)
            total_loss += loss_of(truth, probabilities)
            correct += count_correct(probabilities, truth)
        return total_loss / count, correct / count

    return evaluate


def count_correct(probabilities: tf.Tensor, truth: tf.Tensor) -> tf.Tensor:
    """Count the images whose most probable class is the true one."""
    predicted = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
    return tf.reduce_sum(tf.cast(predicted == tf.cast(truth, tf.int32), tf.int32))
