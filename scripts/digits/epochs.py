"""The compiled loops of a training: an epoch over the training images, and the validation after it.

The images stay on the device as bytes and an epoch runs as one compiled loop, so that no time goes
into feeding batches.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from digits.tensors import ALIGNMENT

EVALUATION_BATCH = 8192


def on_device(array: np.ndarray) -> tf.Tensor:
    """Put an array where the training runs; on a CPU it stays where it is, if that can be used.

    TensorFlow's own conversion needs, for a moment, twice the array's size on top of it.
    """
    usable = array.flags.writeable and array.ctypes.data % ALIGNMENT == 0
    if usable and not tf.config.list_logical_devices("GPU"):
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.constant(array)


def compile_epoch(
    model: keras.Model,
    training: tuple[np.ndarray, np.ndarray],
    optimizer: keras.optimizers.Optimizer,
    batch_size: int,
) -> Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """Return a compiled function that trains on all images once, in the order it is given.

    It takes int32 indices of shape (n,) and, for dropout, an int32 seed for each layer; it returns
    the mean loss and the accuracy.
    """
    images, labels = on_device(training[0]), tf.constant(training[1])
    loss_of = keras.losses.SparseCategoricalCrossentropy()
    weights = model.trainable_variables
    optimizer.build(weights)

    @tf.function
    def run_epoch(order: tf.Tensor, seeds: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        count = tf.shape(order)[0]
        total_loss, correct = tf.constant(0.0), tf.constant(0)
        for start in tf.range(0, count, batch_size):
            batch = order[start : start + batch_size]
            truth = tf.gather(labels, batch)
            with tf.GradientTape() as tape:
                probabilities = forward(model, tf.gather(images, batch), seeds, start)
                loss = loss_of(truth, probabilities)
            optimizer.apply(tape.gradient(loss, weights), weights)
            total_loss += loss * tf.cast(tf.size(batch), tf.float32)
            correct += count_correct(probabilities, truth)
        return total_loss / tf.cast(count, tf.float32), correct / count

    return run_epoch


def forward(
    model: keras.Sequential, images: tf.Tensor, seeds: tf.Tensor, step: tf.Tensor
) -> tf.Tensor:
    """Apply a model as in training; what is dropped is a function of the seeds and the step alone.

    Keras's own dropout layers, which keep a state, would take as long as half of all products.
    """
    values = images
    for number, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Dropout):
            values = drop(values, layer.rate, tf.stack([seeds[number], step]))
        else:
            values = layer(values)
    return values


def drop(values: tf.Tensor, rate: float, seed: tf.Tensor) -> tf.Tensor:
    """Set a share of the values to 0 at random, and scale the others so that the mean stays.

    Srivastava et al. (2014), Journal of Machine Learning Research 15, 1929-1958, in the form of
    Keras, scaled in training. A value is dropped by 16 random bits, so the share is ``rate`` to
    within 1 / 2**17; numbers of 32 bits would take twice the time, a sixth of that of a training.
    """
    dropped = round(rate * 2**16)
    if dropped == 0:
        return values
    words = tf.random.stateless_uniform(
        [(tf.size(values) + 1) // 2], seed, minval=None, maxval=None, dtype=tf.int32
    )
    bits = tf.reshape(tf.bitcast(words, tf.uint16), [-1])[: tf.size(values)]
    kept = tf.reshape(bits >= dropped, tf.shape(values))
    return values * (tf.cast(kept, values.dtype) * (2**16 / (2**16 - dropped)))


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
