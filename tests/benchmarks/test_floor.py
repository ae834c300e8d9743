"""The floor is the products of a training step, all of them and no more, with the usual kernels."""

import floor
import numpy as np
import products
from products import Product

NETWORK = (2, 100, 64)


def test_a_step_has_two_products_a_layer_backward_but_one_for_the_images():
    forward = [Product(64, 784, 100), Product(64, 100, 100), Product(64, 100, 10)]
    backward = [
        Product(100, 64, 10), Product(64, 10, 100),
        Product(100, 64, 100), Product(64, 100, 100),
        Product(784, 64, 100),
    ]  # fmt: skip
    assert products.of_step(*NETWORK) == forward + backward


def test_the_operations_are_those_of_the_products():
    multiplied = 2 * 78_400 + 3 * 10_000 + 3 * 1_000
    assert products.operations(*NETWORK) == 2 * 64 * multiplied


def test_numpy_computes_the_products_of_a_step_once_per_step():
    computed = []

    def multiply(a, b, out):
        computed.append(Product(*a.shape, b.shape[1]))
        assert a.dtype == b.dtype == out.dtype == np.float32
        assert out.shape == (a.shape[0], b.shape[1])

    products.in_numpy(*NETWORK, multiply)(3)
    assert computed == 3 * products.of_step(*NETWORK)


def test_the_ratio_is_to_the_faster_floor_of_each_round():
    def report(seconds):
        return {"seconds": seconds, "gflops": 90.0}

    rounds = [(3.0, report(2.0), report(2.5)), (3.0, report(2.0), report(1.5))]
    columns = floor.row((2, 100), rounds)
    assert columns["cell"] == "2 x 100"
    assert columns["training / floor"].startswith("1.75 (1.50")
    assert columns["NumPy (s)"].startswith("2.00 ")


def test_the_environment_does_not_choose_the_kernels(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    kernels = set()
    for core in ("", "Prescott"):
        monkeypatch.setenv("OPENBLAS_CORETYPE", core)
        report = floor.products("numpy", (2, 100), 64)
        assert min(report["seconds"], report["gflops"]) > 0
        kernels.add(report["kernels"])
    assert len(kernels) == 1
    assert kernels.pop().endswith("(1 thread)")


def test_each_step_computes_its_products_in_tensorflow_too(network):
    shape, steps = (5, 200, 64), 40
    seconds = products.measure(products.in_tensorflow(*shape), steps)
    # Computed once for all steps, they would seem to take an eightieth.
    assert products.operations(*shape) * steps / seconds < 2e12
