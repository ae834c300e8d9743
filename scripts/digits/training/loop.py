"""The compiled loops of a training: parts of an epoch, and the validation after it.

The images stay on the device as bytes, and one call of a compiled loop trains on thousands of
them, so that no time is spent on feeding batches. The loops train a stack of networks: each takes
its own batches, drops its own units and has its own loss.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Protocol, Self

import keras
import numpy as np
import tensorflow as tf

from digits.augmentation.tensors import ALIGNMENT
from digits.training.device_memory import enough_memory
from digits.training.optimizers import Rate
from digits.training.recipe import Recipe

EVALUATION_BATCH = 8192

DRAWN = 1 << 24
"""Random numbers drawn at a time for each network: bounds the memory, and affects the results."""


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
    batches : int32 indices of shape (batches, networks, images)
    kept : what is kept by dropout: a mask per dropout layer, bool of shape (batches, networks,
        images, units), True where a value is kept; on a GPU, the seeds that they are drawn with,
        int32 of shape (2, networks)
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
    """The same images in each epoch, on the device of the training.

    Attributes
    ----------
    images, labels : uint8 of shape (n, height, width), in colour (n, height, width, 3), and (n,);
        those of several tensors one after the other
    start, count : where those of this tensor begin, and how many they are
    """

    at_once, made = 2**31, False

    def __init__(self, images: tf.Tensor, labels: tf.Tensor, start: int, count: int) -> None:
        self.images, self.labels, self.start, self.count = images, labels, start, count

    @classmethod
    def side_by_side(cls, parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[Self]:
        """Place images and their labels on the device, one tensor for each of the parts.

        Raises
        ------
        TrainingError
            If the device is out of memory.
        """
        images, labels = zip(*parts, strict=True)
        counts = [len(each) for each in labels]
        starts = np.cumsum([0, *counts]).tolist()
        with enough_memory(f"placing {starts[-1]:,} images on the device"):
            # Not joined on the device, whose memory would have to hold them twice.
            joined = on_device(images[0] if len(parts) == 1 else np.concatenate(images))
            truth = tf.constant(np.concatenate(labels))
        return [cls(joined, truth, *each) for each in zip(starts, counts, strict=False)]

    def __len__(self) -> int:
        return self.count

    def epoch(self, number: int) -> Callable[[np.ndarray], tuple[Any, Any, np.ndarray]]:
        """Return what gives all images and labels, and the places of the batches among them."""
        return lambda batches: (self.images, self.labels, batches + np.int32(self.start))


def parts_of(
    sources: Sequence[Source],
    model: keras.Sequential,
    batch_size: int,
    generators: Sequence[np.random.Generator],
    epoch: int,
) -> Iterator[Part]:
    """Yield the parts of an epoch: all images once, in random order, and what dropout keeps.

    Parameters
    ----------
    sources : of each network of a stack, all with as many images
    generators : of each network; draws the order, then what is kept in each part
    """
    dropouts = dropout_layers(model)
    drawn = sum(units_of(layer) for layer in dropouts) * batch_size
    at_once = min(source.at_once for source in sources) // batch_size
    at_once = max(1, min(DRAWN // max(1, drawn), at_once))
    epochs = {source: source.epoch(epoch) for source in dict.fromkeys(sources)}
    takes = [epochs[source] for source in sources]
    count = len(sources[0])
    orders = [generator.permutation(count).astype(np.int32) for generator in generators]
    for batches in zip(*(cut(order, batch_size, at_once) for order in orders), strict=True):
        kept = [draw_all_kept(generator, batches[0].shape, dropouts) for generator in generators]
        taken = [take(some) for take, some in zip(takes, batches, strict=True)]
        yield Part(*join(taken), list(map(side_by_side, zip(*kept, strict=True))))


def join(
    taken: Sequence[tuple[Any, Any, np.ndarray]],
) -> tuple[np.ndarray | tf.Tensor, np.ndarray | tf.Tensor, np.ndarray]:
    """Join the images, the labels and the places of the batches of several networks."""
    images, labels, places = zip(*taken, strict=True)
    if all(some is images[0] for some in images):
        return images[0], labels[0], side_by_side(places)
    starts = np.cumsum([0, *map(len, images[:-1])]).astype(np.int32)
    places = [some + start for some, start in zip(places, starts, strict=True)]
    return np.concatenate(images), np.concatenate(labels), side_by_side(places)


def side_by_side(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Stack arrays of several networks along their second axis, a single one without a copy."""
    return arrays[0][:, None] if len(arrays) == 1 else np.stack(arrays, axis=1)


def run_epoch(
    run_part: Callable[[int], Callable[..., tuple[tf.Tensor, tf.Tensor]]],
    parts: Iterator[Part],
    count: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Train on the next parts, ``count`` images; return the mean losses and the accuracies.

    Parameters
    ----------
    run_part : see :func:`compile_part`

    Returns
    -------
    two float64 arrays of shape (networks,)
    """
    seen, loss, correct = 0, np.zeros(()), np.zeros(())
    while seen < count:
        part = next(parts)
        train = run_part(part.batches.shape[-1])
        part_loss, part_correct = train(part.images, part.labels, part.batches, part.kept)
        seen += part.batches[:, 0].size
        loss, correct = loss + np.float64(part_loss), correct + np.float64(part_correct)
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
    recipe: Recipe,
    networks: int = 1,
) -> Callable[[int], Callable[..., tuple[tf.Tensor, tf.Tensor]]]:
    """Return what compiles, for batches of a size, the training on some of them, one by one.

    The compiled function takes what a :class:`Part` contains, and returns, of each network, the sum
    of the losses of all images and the number correct. For a GPU, XLA compiles it to one program;
    launching kernel by kernel took most of the time (an epoch of 2 x 100 on an H100: 35 s instead
    of 4).

    Parameters
    ----------
    model : of the network, or of several, see :func:`digits.training.stacked_model.stack_models`
    rate : the optimizer's learning rate, if it is not constant
    """
    loss_of = training_loss(model.output_shape[-1], recipe.label_smoothing)
    weights, dropouts = model.trainable_variables, dropout_layers(model)
    optimizer.build(weights)
    draw_there = on_gpu() and bool(dropouts)

    @tf.function(jit_compile=on_gpu(), autograph=False)  # that would take a quarter of a second
    def run_part(
        images: tf.Tensor, labels: tf.Tensor, batches: tf.Tensor, kept: list[tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        if draw_there:
            kept = draw_on_device(kept[0], tf.shape(batches), dropouts)

        def step(number: tf.Tensor, losses: tf.Tensor, correct: tf.Tensor) -> tuple[tf.Tensor, ...]:
            batch, *masks = (of_networks(array[number]) for array in (batches, *kept))
            truth = tf.gather(labels, batch)
            with tf.GradientTape() as tape:
                batch_images = tf.gather(images, batch)
                probabilities = forward(model, batch_images, masks, recipe.precision)
                loss = tf.reduce_mean(loss_of(truth, probabilities), axis=-1)
            if rate:
                rate.start(optimizer.iterations)
            optimizer.apply(tape.gradient(loss, weights), weights)
            losses += loss * tf.cast(tf.shape(batch)[-1], tf.float32)
            return number + 1, losses, correct + count_correct(probabilities, truth)

        return repeated(step, tf.shape(batches)[0], networks)

    @cache
    def for_batches(size: int) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        shapes = [(None, networks, size, units_of(layer)) for layer in dropouts]
        kept = [tf.TensorSpec(shape, tf.bool) for shape in shapes]
        return run_part.get_concrete_function(
            tf.TensorSpec([None, *image_shape(model, networks)], tf.uint8),
            tf.TensorSpec([None], tf.uint8),
            tf.TensorSpec([None, networks, size], tf.int32),
            [tf.TensorSpec((2, networks), tf.int32)] if draw_there else kept,
        )

    return for_batches


def image_shape(model: keras.Sequential, networks: int) -> tuple[int, ...]:
    """Return the shape of an image, (height, width), in colour (height, width, 3)."""
    return model.input_shape[1 if networks == 1 else 2 :]


def of_networks(array: tf.Tensor) -> tf.Tensor:
    """Return an array whose first axis is that of the networks, without it if there is one alone.

    TensorFlow multiplies two matrices faster than stacks of one.
    """
    return array[0] if array.shape[0] == 1 else array


def repeated(
    step: Callable[..., tuple[tf.Tensor, ...]], count: int | tf.Tensor, networks: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return each network's sums of losses and of correct images after ``count`` steps.

    Parameters
    ----------
    step : from its number, the first of which is 0, and the sums so far to the next number and sums
    """
    start = (tf.constant(0), *no_sums(networks))
    return tf.while_loop(lambda number, *_: number < count, step, start)[1:]


def no_sums(networks: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the sums of losses and of correct images of networks before the first step."""
    return tf.zeros(networks), tf.zeros(networks, tf.int32)


def training_loss(
    classes: int, label_smoothing: float
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Return the cross-entropy of images, of labels of shape (..., n) and probabilities.

    With label smoothing, that share of each label is spread evenly over all classes.

    Returns
    -------
    function from labels of shape (..., n) and probabilities of (..., n, classes) to losses (..., n)
    """
    if not label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy(reduction=None)
    smoothed = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing, reduction=None)
    return lambda truth, probabilities: smoothed(tf.one_hot(truth, classes), probabilities)


def dropout_layers(model: keras.Sequential) -> list[keras.layers.Dropout]:
    """Return the dropout layers of a model whose rate is not 0."""
    return [
        layer for layer in model.layers if isinstance(layer, keras.layers.Dropout) and layer.rate
    ]


def units_of(layer: keras.layers.Layer) -> int:
    """Return the number of outputs of a layer per image."""
    return layer.output.shape[-1]


def draw_all_kept(
    generator: np.random.Generator, shape: tuple[int, int], dropouts: list[keras.layers.Dropout]
) -> list[np.ndarray]:
    """Draw what a network's dropout layers keep in batches of this shape.

    Returns
    -------
    a mask per layer; for a GPU, which draws them itself, two seeds for all, int32 of shape (2,)
    """
    if on_gpu():
        return [generator.integers(2**31, size=2, dtype=np.int32)] * bool(dropouts)
    return [draw_kept(generator, (*shape, units_of(layer)), layer.rate) for layer in dropouts]


def draw_kept(generator: np.random.Generator, shape: tuple[int, ...], rate: float) -> np.ndarray:
    """Draw a dropout mask: bools of the given shape, each False with probability ``rate``.

    A value takes 16 random bits, so its probability is ``rate`` to within 1 / 2**17. TensorFlow's
    own generator would take a sixth of the time of a training, this takes a thirtieth.
    """
    size = math.prod(shape)
    words = generator.integers(2**64, size=-(-size // 4), dtype=np.uint64)
    return (words.view(np.uint16)[:size] >= round(rate * 2**16)).reshape(shape)


def draw_on_device(
    seeds: tf.Tensor, shape: tf.Tensor, dropouts: list[keras.layers.Dropout]
) -> list[tf.Tensor]:
    """Draw the masks of several networks, those of each by its own seeds alone.

    Parameters
    ----------
    seeds : int32 of shape (2, networks)
    shape : (batches, networks, images)

    Returns
    -------
    a mask per layer, bool of shape (batches, networks, images, units)
    """
    units = [units_of(layer) for layer in dropouts]
    drawn = [
        tf.random.stateless_uniform((shape[0], shape[2], sum(units)), seed, alg="philox")
        for seed in tf.unstack(seeds, axis=1)
    ]
    layers = tf.split(tf.stack(drawn, axis=1), units, axis=-1)
    return [values >= layer.rate for values, layer in zip(layers, dropouts, strict=True)]


def forward(
    model: keras.Sequential,
    images: tf.Tensor,
    kept: Sequence[tf.Tensor],
    precision: str = "float32",
) -> tf.Tensor:
    """Apply a model as in training, with the given dropout masks.

    The values that are kept are scaled so that the mean stays the same: Srivastava et al. (2014),
    Journal of Machine Learning Research 15, 1929-1958, with the scaling in training as in Keras.

    Returns
    -------
    float32 class probabilities of shape (images, classes), of a stack (networks, images, classes)
    """
    values, masks = images, dict(zip(dropout_layers(model), kept, strict=True))
    for layer in model.layers:
        if layer in masks:
            values *= tf.cast(masks[layer], values.dtype) * (1 / (1 - layer.rate))
        elif precision == "bfloat16" and layer.weights:
            values = apply_in_bfloat16(layer, values)
        elif not isinstance(layer, keras.layers.Dropout):
            values = layer(values)
    return values


def apply_in_bfloat16(layer: keras.layers.Layer, values: tf.Tensor) -> tf.Tensor:
    """Apply a dense layer whose matrices are multiplied in bfloat16; all else is in float32."""
    factors = tf.cast(values, tf.bfloat16), tf.cast(layer.kernel, tf.bfloat16)
    return layer.activation(tf.cast(tf.matmul(*factors), tf.float32) + layer.bias)


def compile_evaluation(
    model: keras.Sequential, networks: int = 1
) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
    """Return a compiled function that computes mean losses and accuracies, without dropout.

    Returns
    -------
    function from images, their labels, where those of each network start among them (int32 of
    shape (networks,)) and how many they are, to two float32 arrays of shape (networks,)
    """
    loss_of = training_loss(model.output_shape[-1], 0)

    @tf.function(jit_compile=on_gpu(), autograph=False)
    def evaluate(
        images: tf.Tensor, labels: tf.Tensor, starts: tf.Tensor, count: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        def on_next(size: int, number: tf.Tensor, *sums: tf.Tensor) -> tuple[tf.Tensor, ...]:
            places = number * EVALUATION_BATCH + tf.range(size) + starts[:, None]
            truth = tf.gather(labels, of_networks(places))
            probabilities = model(tf.gather(images, of_networks(places)), training=False)
            loss = tf.reduce_sum(loss_of(truth, probabilities), axis=-1)
            return number + 1, sums[0] + loss, sums[1] + count_correct(probabilities, truth)

        whole, rest = divmod(count, EVALUATION_BATCH)
        sums = no_sums(networks)
        if whole:  # tracing a loop takes a tenth of a second
            sums = repeated(partial(on_next, EVALUATION_BATCH), whole, networks)
        if rest:
            sums = on_next(rest, tf.constant(whole), *sums)[1:]
        return sums[0] / count, sums[1] / count

    return evaluate


def count_correct(probabilities: tf.Tensor, truth: tf.Tensor) -> tf.Tensor:
    """Count the images whose most probable class is the true one, of each network."""
    predicted = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
    return tf.reduce_sum(tf.cast(predicted == tf.cast(truth, tf.int32), tf.int32), axis=-1)
