"""What several test modules share: TensorFlow, imported once, and a network saved with it."""

import gc
import sys

import numpy as np
import pytest
from hypothesis import settings

from digits.training import devices

# The benchmarks pin processes to cores and read /proc, so they and their tests are for Linux.
collect_ignore_glob = [] if sys.platform.startswith("linux") else ["benchmarks/test_*.py"]

gc.set_threshold(100_000, 50, 1000)  # as programs do: the imports take a quarter less

# How long an example takes depends on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_finish():
    """Leave what was imported out of garbage collection: some libraries ask for it at each call."""
    gc.freeze()


@pytest.fixture(scope="session")
def network():
    """The module digits.training.network, whose import brings TensorFlow with it."""
    devices.prepare("cpu")
    from digits.training import network

    gc.freeze()
    return network


@pytest.fixture(scope="session")
def saved_network(network, tmp_path_factory):
    """A Keras model for images of 5 x 4 pixels and 3 classes, and the file it is saved in."""
    model = network.build_network((5, 4), 3, layers=3, nodes=7, dropout=0.5, seeds=[1, 2, 3, 4])
    generator = np.random.default_rng(5)
    model.set_weights([generator.normal(size=array.shape) for array in model.get_weights()])
    path = tmp_path_factory.mktemp("network") / "model.keras"
    network.save_network(model, path)
    return model, path
