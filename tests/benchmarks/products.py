"""The matrix products of a training step alone, which no training of these shapes can do without.

Forward and, for each layer, the gradients of its weights and of its inputs; of the images
themselves no gradient is needed. Nothing else is computed, neither sums nor activations.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

PIXELS, CLASSES = 784, 10


@dataclass(frozen=True)
class Product:
    """A matrix product of shapes (rows, inner) and (inner, columns)."""

    rows: int
    inner: int
    columns: int

    @property
    def operations(self) -> int:
        """The floating-point operations, a multiplication and an addition for each term."""
        return 2 * self.rows * self.inner * self.columns


def widths(layers: int, nodes: int) -> list[int]:
    """Return the numbers of values between the layers of a network, images and classes included."""
    return [PIXELS, *[nodes] * layers, CLASSES]


def of_step(layers: int, nodes: int, batch: int) -> list[Product]:
    """Return the products of a step in their order: forward, then backward from the last layer."""
    pairs = list(pairwise(widths(layers, nodes)))
    products = [Product(batch, inputs, outputs) for inputs, outputs in pairs]
    for number, (inputs, outputs) in reversed(list(enumerate(pairs))):
        products.append(Product(inputs, batch, outputs))
        if number:
            products.append(Product(batch, outputs, inputs))
    return products


def operations(layers: int, nodes: int, batch: int) -> int:
    """Return the floating-point operations of a step's products."""
    return sum(product.operations for product in of_step(layers, nodes, batch))


def in_numpy(
    layers: int,
    nodes: int,
    batch: int,
    multiply: Callable[..., object] = np.matmul,
) -> Callable[[int], None]:
    """Return what computes the products of so many steps in NumPy, into arrays that stay the same.

    Parameters
    ----------
    multiply : computes a product of two float32 matrices into ``out``
    """
    generator, sizes = np.random.default_rng(0), widths(layers, nodes)

    def matrix(*shape: int) -> np.ndarray:
        return generator.standard_normal(shape, dtype=np.float32)

    values = [matrix(batch, size) for size in sizes]
    weights = [matrix(*pair) for pair in pairwise(sizes)]
    outputs = [np.empty_like(value) for value in values]
    gradients = [np.empty_like(weight) for weight in weights]

    def run(steps: int) -> None:
        for _ in range(steps):
            for i, weight in enumerate(weights):
                multiply(values[i], weight, out=outputs[i + 1])
            for i in reversed(range(len(weights))):
                multiply(values[i].T, values[i + 1], out=gradients[i])
                if i:
                    multiply(values[i + 1], weights[i].T, out=outputs[i])

    return run


def in_tensorflow(layers: int, nodes: int, batch: int) -> Callable[[int], None]:
    """Return what computes the products of so many steps in a compiled loop of TensorFlow's.

    Each step works on what the one before it made, or a product that is always the same would be
    computed once. All numbers are 0, so that none grows; their values do not affect the time.
    """
    import tensorflow as tf

    sizes = widths(layers, nodes)
    images = tf.Variable(tf.zeros([batch, PIXELS]))

    def step(number: tf.Tensor, *arrays: tf.Tensor) -> tuple[tf.Tensor, ...]:
        weights = arrays[len(sizes) - 1 :]
        values = [images.read_value(), *arrays[: len(sizes) - 1]]
        errors, gradients = values[:1], []
        for weight in weights:
            errors.append(tf.matmul(errors[-1], weight))
        for i in reversed(range(len(weights))):
            gradients.insert(0, tf.matmul(values[i], errors[i + 1], transpose_a=True))
            if i:
                errors[i] = tf.matmul(errors[i + 1], weights[i], transpose_b=True)
        return (number + 1, *errors[1:], *gradients)

    @tf.function(autograph=False)
    def run(steps: tf.Tensor) -> tuple[tf.Tensor, ...]:
        values = [tf.zeros([batch, size]) for size in sizes[1:]]
        weights = [tf.zeros(pair) for pair in pairwise(sizes)]
        start = (tf.constant(0), *values, *weights)
        return tf.while_loop(lambda number, *_: number < steps, step, start)

    return lambda steps: run(tf.constant(steps))


def measure(run: Callable[[int], None], steps: int) -> float:
    """Return the seconds of so many steps, after some to warm up."""
    run(max(1, steps // 20))
    started = time.perf_counter()
    run(steps)
    return time.perf_counter() - started


def kernels() -> str:
    """Return which kernels NumPy's products use in this process, and in how many threads."""
    from threadpoolctl import threadpool_info

    return ", ".join(
        f"{library['internal_api']} {library['version']} {library.get('architecture', '')}".strip()
        + f" ({library['num_threads']} thread{'s' if library['num_threads'] > 1 else ''})"
        for library in threadpool_info()
        if library["user_api"] == "blas"
    )
