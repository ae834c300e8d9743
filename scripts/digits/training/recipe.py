"""The recipe of a training: how a network is trained, without anything of TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; the names and defaults are those of the configuration."""

    epochs: int = 10
    batch_size: int = 64
    optimizer: str = "sgd"
    learning_rate: float = 0.01
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float | None = None
    schedule: str = "constant"
    warm_up: float = 0.0
    final_factor: float = 0.0
    label_smoothing: float = 0.0
    averaging: str = "none"
    ema_momentum: float = 0.999
    averaged_epochs: int = 3
    dropout: float = 0.2
    activation: str = "relu"
    input_scaling: str = "unit"
    patience: int = 10
    precision: str = "float32"

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the recipe in the section ``training`` of a configuration.

        Raises
        ------
        KeyError
            If the section lacks a key.
        """
        return cls(**{field.name: data[field.name] for field in fields(cls)})


def with_floats(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section in which 1 and 1.0 are the same: all its numbers as floats.

    Integers up to 2**53, which are all that a configuration allows, stay what they are.
    """
    return {
        key: float(value) if type(value) is int else value for key, value in sorted(data.items())
    }
