"""The training loop, compared with Keras's own ``fit``."""

import json
import math
import re
import tempfile
import zipfile

import keras
import ml_dtypes
import numpy as np
import pytest

from digits.augmentation.tensors import read_tensor, write_tensor
from digits.training import devices

devices.prepare("cpu")

import tensorflow as tf  # noqa: E402 - quietly, now that it is prepared
from training_networks import digits_cut, network_of, train_alone  # noqa: E402

from digits.training import fit, loop, network  # noqa: E402 - they import TensorFlow
from digits.training.optimizers import make_optimizer  # noqa: E402
from digits.training.outcomes import Epoch  # noqa: E402
from digits.training.random_streams import Stream  # noqa: E402
from digits.training.recipe import Recipe  # noqa: E402


@pytest.fixture(scope="module")
def digits():
    return digits_cut(1000)


def build(dropout: float = 0.2, seed: int = 1) -> keras.Model:
    return network.build_network(
        (8, 8), 10, layers=2, nodes=20, dropout=dropout, seeds=[seed, seed + 1, seed + 2]
    )


def train(model, digits, key=(1, 0, 2, 20), **recipe) -> list[Epoch]:
    return train_alone(model, digits, key, Recipe(**recipe))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_weights_after_two_epochs_are_those_of_keras_fit(digits, optimizer):
    ours, theirs = build(dropout=0), build(dropout=0)
    key = (7,)
    # 1,000 images in batches of 64: the last batch of an epoch is smaller.
    history = train(ours, digits, key, epochs=2, optimizer=optimizer, learning_rate=0.05)
    theirs.compile(
        optimizer=make_optimizer(Recipe(optimizer=optimizer, learning_rate=0.05)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    (images, labels), validation = digits
    for epoch in history:
        generator = Stream(key).generator(epoch.epoch)
        order = generator.permutation(len(images))
        fitted = theirs.fit(
            images[order],
            labels[order],
            batch_size=64,
            shuffle=False,
            verbose=0,
            validation_data=validation,
        ).history
        assert epoch.loss == pytest.approx(fitted["loss"][0], abs=1e-5)
        assert epoch.accuracy == pytest.approx(fitted["accuracy"][0], abs=1e-6)
        assert epoch.val_loss == pytest.approx(fitted["val_loss"][0], abs=1e-5)
        assert epoch.val_accuracy == pytest.approx(fitted["val_accuracy"][0], abs=1e-6)
    # training.train ends with the weights of the best epoch; here that is the last one.
    assert history[1].val_loss < history[0].val_loss
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)


def test_a_batch_larger_than_the_data_is_all_of_them(digits):
    few = (tuple(part[:100] for part in digits[0]), digits[1])
    networks = [build(), build()]
    for model, batch_size in zip(networks, (100, 1_000_000), strict=True):
        train(model, few, epochs=2, batch_size=batch_size)
    for one, other in zip(*(model.get_weights() for model in networks), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_mapped_tensor_is_trained_on_where_it_lies(tmp_path):
    images = np.arange(4096, dtype=np.uint8).reshape(64, 8, 8)
    write_tensor(tmp_path / "a.npz", [images], np.zeros(64, np.uint8), (8, 8))
    mapped, _ = read_tensor(tmp_path / "a.npz")
    there = loop.on_device(mapped)
    assert there.numpy().tolist() == images.tolist()
    mapped[5, 3, 2] ^= 255
    assert there[5, 3, 2] == mapped[5, 3, 2]


def test_images_that_tensorflow_cannot_use_as_they_lie_are_copied():
    room = np.arange(4096 + 128, dtype=np.uint8)
    aligned = room[-room.ctypes.data % 64 :][:4096].reshape(64, 8, 8)
    fixed = aligned.copy()
    fixed.flags.writeable = False
    for images in (aligned.reshape(-1)[1:4033].reshape(63, 8, 8), fixed):
        assert loop.on_device(images).numpy().tolist() == images.tolist()


def test_defaults_are_those_of_keras():
    assert Recipe().learning_rate == pytest.approx(float(keras.optimizers.SGD().learning_rate))
    assert isinstance(make_optimizer(Recipe()), keras.optimizers.SGD)


def test_every_image_is_seen_once_an_epoch_in_a_fresh_order():
    stream = Stream((422, 0, 2, 100))
    first, second = (stream.generator(epoch).permutation(1000) for epoch in (1, 2))
    assert (np.sort(first) == np.arange(1000)).all()
    assert (first != second).any()


def test_same_stream_gives_the_same_bytes_and_another_does_not(digits, tmp_path):
    files = []
    for number, key in enumerate([(1, 2), (1, 2), (1, 3)]):
        model = build()
        train(model, digits, key, epochs=2)
        files.append(tmp_path / f"{number}.keras")
        network.save_network(model, files[-1])
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].read_bytes() != files[2].read_bytes()


@pytest.mark.parametrize("rate", [0.001, 0.2, 0.5, 0.9])
def test_dropout_drops_its_share_evenly(rate):
    kept = loop.draw_kept(np.random.default_rng(3), (501, 401), rate)  # an odd number of values
    assert kept.shape == (501, 401)
    # Binomial: six standard deviations of the share, over all values and over rows and columns.
    for axis, count in ((None, kept.size), (0, 501), (1, 401)):
        allowed = 6 * math.sqrt(rate * (1 - rate) / count) + 1e-5
        assert np.abs(1 - kept.mean(axis=axis) - rate).max() <= allowed
    # Neighbours, which come from the same random word, are dropped independently of each other.
    assert abs(np.corrcoef(kept[:, 0:400:2].ravel(), kept[:, 1::2].ravel())[0, 1]) < 0.02


def dropping(*rates) -> keras.Sequential:
    return keras.Sequential([keras.Input((50,)), *map(keras.layers.Dropout, rates)])


def test_what_is_kept_is_scaled_so_that_the_mean_stays_and_the_gradient_passes_it():
    model, values = dropping(0.5, 0, 0.2), tf.ones((200, 50))
    generator = np.random.default_rng(5)
    kept = [loop.draw_kept(generator, (200, 50), rate) for rate in (0.5, 0.2)]
    with tf.GradientTape() as tape:
        tape.watch(values)
        output = loop.forward(model, values, kept)
    np.testing.assert_allclose(output, kept[0] / 0.5 * (kept[1] / 0.8), rtol=1e-6)
    np.testing.assert_array_equal(tape.gradient(output, values), output)
    assert np.mean(output) == pytest.approx(1, abs=0.06)


def test_every_epoch_part_and_layer_drops_something_else(digits, monkeypatch):
    drawn = []
    real = loop.draw_kept

    def watched(generator, shape, rate):
        drawn.append(real(generator, shape, rate))
        return drawn[-1]

    monkeypatch.setattr(loop, "draw_kept", watched)
    monkeypatch.setattr(loop, "DRAWN", 512 * 40)
    train(build(dropout=0.5), digits, epochs=2)
    # Two epochs of 1,000 images in three parts, two layers of dropout in each.
    parts = [(8, 64, 20), (8, 64, 20), (7, 64, 20), (7, 64, 20), (1, 40, 20), (1, 40, 20)]
    assert [mask.shape for mask in drawn] == parts * 2
    for number, mask in enumerate(drawn):
        for other in drawn[:number]:
            shared = min(mask.size, other.size)
            differing = (mask.ravel()[:shared] != other.ravel()[:shared]).mean()
            assert abs(differing - 0.5) < 3.5 / math.sqrt(shared)  # seven standard deviations


@pytest.mark.parametrize(
    ("images", "size", "at_once", "parts"),
    [(10, 3, 2, [(2, 3), (1, 3), (1, 1)]), (6, 3, 2, [(2, 3)]), (2, 3, 1, [(1, 2)])],
)
def test_an_order_is_cut_into_batches_and_what_is_left(images, size, at_once, parts):
    order = np.arange(images)
    cut = list(loop.cut(order, size, at_once))
    assert [part.shape for part in cut] == parts
    np.testing.assert_array_equal(np.concatenate([part.ravel() for part in cut]), order)


def test_the_program_that_is_compiled_for_a_gpu_computes_the_same(digits, monkeypatch):
    here, there = build(dropout=0), build(dropout=0)
    first = train(here, digits, epochs=2, learning_rate=0.05)
    monkeypatch.setattr(loop, "on_gpu", lambda: True)
    second = train(there, digits, epochs=2, learning_rate=0.05)
    for one, other in zip(here.get_weights(), there.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)
    assert [epoch.accuracy for epoch in first] == [epoch.accuracy for epoch in second]


def test_without_dropout_training_applies_the_model_itself(digits):
    model = build(dropout=0)
    ours = loop.forward(model, tf.constant(digits[0][0]), [])
    np.testing.assert_allclose(ours, model(digits[0][0], training=True), rtol=1e-6)


def test_in_bfloat16_the_products_alone_are_less_exact(digits):
    model = build(dropout=0)
    images, kept = tf.constant(digits[0][0][:50]), []
    values = images.numpy().reshape(50, 64) / np.float32(255)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    for layer in dense:
        short = [
            array.astype(ml_dtypes.bfloat16).astype(np.float32)
            for array in (values, layer.kernel.numpy())
        ]
        products = (short[0] @ short[1]).astype(ml_dtypes.bfloat16).astype(np.float32)
        values = np.maximum(products, 0) if layer is not dense[-1] else products
    expected = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    found = loop.forward(model, images, kept, "bfloat16").numpy()
    # Sums in another order may round to the next of the 256 numbers between powers of two.
    np.testing.assert_allclose(found, expected, rtol=0.02)
    exact = loop.forward(model, images, kept).numpy()
    assert 0 < np.abs(found - exact).max() < 0.02


def test_trained_in_bfloat16_a_network_is_as_good_and_is_validated_in_float32(digits):
    models = [build(), build()]
    exact, short = (
        train(model, digits, epochs=15, learning_rate=0.1, precision=precision)
        for model, precision in zip(models, ("float32", "bfloat16"), strict=True)
    )
    assert short[-1].val_accuracy == pytest.approx(exact[-1].val_accuracy, abs=0.04)
    assert short[-1].loss != exact[-1].loss
    images, labels = digits[1]
    right = models[1].predict(images, verbose=0).argmax(axis=1) == labels
    best = min(short, key=lambda epoch: epoch.val_loss)
    assert best.val_accuracy == pytest.approx(right.mean())


def test_dropout_is_on_in_training_and_off_in_validation(digits):
    with_dropout = train(build(dropout=0.5), digits, epochs=10, learning_rate=0.1)[-1]
    without = train(build(dropout=0), digits, epochs=10, learning_rate=0.1)[-1]
    assert with_dropout.accuracy < with_dropout.val_accuracy - 0.1
    assert abs(without.accuracy - without.val_accuracy) < 0.06


def test_weights_of_the_best_epoch_are_kept_and_training_stops_after_patience(digits):
    # Labels that mean nothing: validation soon gets worse.
    (images, labels), (validation, truth) = digits
    shuffled = np.random.default_rng(0).permutation(truth)
    seen = []
    trainer = fit.Trainer(Recipe(epochs=60, patience=4, learning_rate=0.5))
    model, data = build(dropout=0), ((images, labels), (validation, shuffled))

    def on_epoch(epochs: list[Epoch], sharing: int) -> None:
        (stack,) = trainer._stacks.values()
        seen.append((len(epochs), stack.model.get_weights()))

    (outcome,) = trainer.train([network_of(model, data, (1,), on_epoch=on_epoch)])
    history = outcome.history
    losses = [epoch.val_loss for epoch in history]
    best = int(np.argmin(losses)) + 1
    assert len(history) == best + 4 < 60
    assert [count for count, _ in seen] == list(range(1, len(history) + 1))
    assert outcome.best.epoch == best
    for kept, then in zip(model.get_weights(), seen[best - 1][1], strict=True):
        np.testing.assert_array_equal(kept, then)


def test_a_loss_that_is_no_number_ends_the_training_with_the_best_weights_so_far(digits):
    model = build(dropout=0)
    initial = model.get_weights()
    trainer = fit.Trainer(Recipe(epochs=3, learning_rate=1e30))
    (outcome,) = trainer.train([network_of(model, digits, (1,))])
    assert re.match(r"epoch 1: the loss is (nan|inf).*learning_rate", outcome.failed)
    assert outcome.history == []
    for kept, then in zip(model.get_weights(), initial, strict=True):
        np.testing.assert_array_equal(kept, then)


def test_network_is_the_published_one():
    model = network.build_network(
        (28, 28), 10, layers=5, nodes=200, dropout=0.2, seeds=list(range(6))
    )
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Rescaling", "Flatten", *["Dense", "Dropout"] * 5, "Dense"]
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [200] * 5 + [10]
    assert [layer.activation.__name__ for layer in dense] == ["relu"] * 5 + ["softmax"]
    assert all(layer.rate == 0.2 for layer in model.layers if hasattr(layer, "rate"))
    assert model.count_params() == 784 * 200 + 200 + 4 * (200 * 200 + 200) + 200 * 10 + 10
    output = np.asarray(model(np.zeros((1, 28, 28), np.uint8)))
    # With pixels at 0 only biases speak, and they start at 0.
    np.testing.assert_allclose(output, 0.1, atol=1e-7)


def test_saved_network_loads_in_keras_and_tells_no_time(tmp_path, digits):
    model = build()
    path = tmp_path / "model.keras"
    network.save_network(model, path)
    loaded = keras.models.load_model(path)
    images = digits[0][0][:50]
    np.testing.assert_array_equal(np.asarray(loaded(images)), np.asarray(model(images)))
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert json.loads(archive.read("metadata.json")).keys() == {"keras_version"}
        assert b"shared_object_id" not in archive.read("config.json")
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_is_saved_without_the_systems_folder_for_temporary_files(tmp_path, monkeypatch):
    nowhere, path = tmp_path / "none", tmp_path / "cell" / "model.keras"
    monkeypatch.setattr(tempfile, "tempdir", str(nowhere))
    network.save_network(build(), path)
    assert list(tmp_path.rglob("*.*")) == [path]
    assert tempfile.tempdir == str(nowhere)


def test_what_a_killed_saving_left_behind_is_removed(tmp_path):
    left = tmp_path / ".model.keras.saving"
    left.mkdir()
    (left / "model.keras").write_bytes(b"half")
    network.save_network(build(), tmp_path / "model.keras")
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_training_beats_chance_by_far(digits):
    history = train(build(), digits, epochs=40, learning_rate=0.1)
    assert history[-1].val_accuracy > 0.85
    assert all(math.isfinite(epoch.seconds) and epoch.seconds > 0 for epoch in history)
