"""The Keras model of several networks of one size, side by side, and their weights in it."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

Weights = list[np.ndarray]
"""The weights of a network, as Keras lists them."""


def stack_models(models: Sequence[keras.Sequential]) -> keras.Sequential:
    """Build a model that applies several networks of one size side by side.

    Its weights are those of the networks with another axis before, that of the networks, so that
    an optimizer that works value by value trains each as if it were alone. They are not set; see
    :func:`stack_weights`. For one network it is a copy without that axis.

    Returns
    -------
    model from uint8 images of shape (networks, n, *image_shape) to float32 of shape (networks, n,
    classes)
    """
    first, shape = models[0], models[0].input_shape[1:]
    if len(models) == 1:
        return keras.models.clone_model(first)
    layers = [keras.Input((None, *shape), dtype="uint8")]
    for layer, *others in zip(*(model.layers for model in models), strict=True):
        if isinstance(layer, keras.layers.Rescaling):
            scalings = [(one.scale, one.offset) for one in (layer, *others)]
            columns = np.float32(scalings).T.reshape(2, -1, 1, *[1] * len(shape))
            layers.append(keras.layers.Rescaling(*columns))
        elif isinstance(layer, keras.layers.Flatten):
            layers.append(keras.layers.Reshape((-1, math.prod(shape))))
        elif isinstance(layer, keras.layers.Dense):
            layers.append(StackedDense(len(models), layer.units, layer.activation))
        else:
            layers.append(keras.layers.Dropout(layer.rate, seed=1))
    return keras.Sequential(layers)


class StackedDense(keras.layers.Layer):
    """The Dense layers of several networks, side by side.

    Its kernel has the shape (networks, inputs, units), its bias (networks, 1, units).
    """

    def __init__(self, networks: int, units: int, activation: Callable[[Any], Any]) -> None:
        super().__init__()
        self.networks, self.units, self.activation = networks, units, activation

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for inputs of the shape (networks, images, inputs)."""
        self.kernel = self.add_weight(shape=(self.networks, input_shape[-1], self.units))
        self.bias = self.add_weight(shape=(self.networks, 1, self.units))

    def call(self, inputs: Any) -> Any:
        """Apply each network's layer to its own images."""
        return self.activation(keras.ops.matmul(inputs, self.kernel) + self.bias)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape (networks, images, units)."""
        return (*input_shape[:-1], self.units)


def stack_weights(weights: Sequence[Weights], stacked: keras.Sequential) -> Weights:
    """Return the weights of several networks as those of their stack."""
    shapes = [variable.shape for variable in stacked.weights]
    arrays = zip(*weights, strict=True)
    return [np.stack(each).reshape(shape) for each, shape in zip(arrays, shapes, strict=True)]


def weights_of(stacked: Weights, number: int, model: keras.Sequential) -> Weights:
    """Return the weights of one of the networks of a stack, which has the shape of ``model``."""
    shapes = [variable.shape for variable in model.weights]
    arrays = zip(stacked, shapes, strict=True)
    return [array.reshape(-1, *shape)[number] for array, shape in arrays]
