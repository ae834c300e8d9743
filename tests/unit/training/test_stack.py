"""Networks that are trained stacked, compared with the same ones trained alone."""

import numpy as np
import pytest

from digits.training import devices

devices.prepare("cpu")

import tensorflow as tf  # noqa: E402 - quietly, now that it is prepared
from training_networks import digits_cut  # noqa: E402

from digits.training import fit, loop, network  # noqa: E402 - they import TensorFlow
from digits.training.checkpoints import Checkpoint  # noqa: E402
from digits.training.loop import Tensor  # noqa: E402
from digits.training.outcomes import Epoch  # noqa: E402
from digits.training.random_streams import Stream  # noqa: E402
from digits.training.recipe import Recipe  # noqa: E402

RECIPES = {
    "sgd": {"learning_rate": 0.05},
    "one cycle": {
        "optimizer": "adamw", "learning_rate": 0.01, "schedule": "one_cycle", "warm_up": 0.3,
        "label_smoothing": 0.1,
    },
    "ema": {"averaging": "ema", "ema_momentum": 0.9, "momentum": 0.9, "learning_rate": 0.05},
    "last": {"averaging": "last", "averaged_epochs": 2, "input_scaling": "standard"},
    "bfloat16": {"precision": "bfloat16", "learning_rate": 0.05},
    "nadam": {"optimizer": "nadam", "learning_rate": 0.01, "activation": "gelu", "dropout": 0.0},
}  # fmt: skip


@pytest.fixture(scope="module")
def folds():
    """Two folds of digits, of one size."""
    (images, labels), validation = digits_cut(1000)
    parts = [(images[:600], labels[:600]), (images[400:], labels[400:])]
    return parts, [validation, (images[:300], labels[:300])]


def networks_of(
    folds, recipe: Recipe, trials: list[tuple[int, int]], seen: dict | None = None
) -> list[fit.Network]:
    """The networks of trials, each a fold and a seed; the epochs of each are noted in a dict."""
    sources, validations = (Tensor.side_by_side(parts) for parts in folds)
    built = []
    for number, (fold, seed) in enumerate(trials):
        model = network.build_network(
            (8, 8), 10, layers=2, nodes=20, dropout=recipe.dropout, seeds=[seed, 2, 3],
            activation=recipe.activation,
            scaling=network.input_scaling(recipe.input_scaling, folds[0][fold][0]),
        )  # fmt: skip

        def on_epoch(history: list[Epoch], sharing: int, number: int = number) -> None:
            if seen is not None:
                seen.setdefault(number, []).append(len(history))

        stream = Stream((seed, fold, 2, 20))
        built.append(fit.Network(model, sources[fold], validations[fold], stream, on_epoch))
    return built


TRIALS = [(0, 1), (1, 1), (1, 5)]


def assert_alike(stacked: list[fit.Network], alone: list[fit.Network], atol: float = 2e-5) -> None:
    for one, other in zip(stacked, alone, strict=True):
        weights = zip(one.model.get_weights(), other.model.get_weights(), strict=True)
        for found, expected in weights:
            np.testing.assert_allclose(found, expected, atol=atol)


@pytest.mark.parametrize("name", RECIPES)
def test_stacked_networks_are_those_that_are_trained_alone_one_after_the_other(folds, name):
    recipe = Recipe(**{"epochs": 3} | RECIPES[name])
    stacked, alone = (networks_of(folds, recipe, TRIALS) for _ in range(2))
    outcomes = fit.Trainer(recipe).train(stacked)
    trainer = fit.Trainer(recipe)
    expected = [trainer.train([each])[0] for each in alone]
    assert_alike(stacked, alone)
    for one, other in zip(outcomes, expected, strict=True):
        assert len(one.history) == len(other.history) == 3
        for epoch, same in zip(one.history, other.history, strict=True):
            assert epoch.accuracy == pytest.approx(same.accuracy, abs=2 / 600)
            assert epoch.val_loss == pytest.approx(same.val_loss, rel=1e-4)
    # They differ from each other.
    assert not np.allclose(*(each.model.get_weights()[0] for each in stacked[1:]), atol=1e-2)


def test_trained_one_after_the_other_networks_have_the_bytes_of_their_own_training(folds):
    recipe = Recipe(epochs=2, optimizer="adam", learning_rate=0.01, averaging="last")
    together, apart = (networks_of(folds, recipe, TRIALS) for _ in range(2))
    trainer = fit.Trainer(recipe)
    for one, other in zip(together, apart, strict=True):
        trainer.train([one])
        fit.Trainer(recipe).train([other])
    assert_alike(together, apart, atol=0)


def test_a_network_that_is_done_stays_as_it_is_while_the_others_go_on(folds):
    recipe = Recipe(epochs=12, patience=1, learning_rate=0.3)
    seen: dict[int, list[int]] = {}
    stacked, alone = (networks_of(folds, recipe, TRIALS, kept) for kept in (seen, None))
    trainer = fit.Trainer(recipe)
    lengths = [len(trainer.train([each])[0].history) for each in alone]
    assert min(lengths) < max(lengths), "none stops earlier than another"
    outcomes = fit.Trainer(recipe).train(stacked)
    assert [len(outcome.history) for outcome in outcomes] == lengths
    assert seen == {n: list(range(1, length + 1)) for n, length in enumerate(lengths)}
    assert_alike(stacked, alone, atol=1e-3)


def test_one_that_diverges_fails_and_the_others_do_not(folds):
    recipe = Recipe(epochs=2)
    stacked, alone = (networks_of(folds, recipe, TRIALS) for _ in range(2))
    for networks in (stacked, alone):
        weights = networks[1].model.get_weights()
        networks[1].model.set_weights([weights[0] * np.nan, *weights[1:]])
    outcomes = fit.Trainer(recipe).train(stacked)
    assert [outcome.failed is None for outcome in outcomes] == [True, False, True]
    assert outcomes[1].failed.startswith("epoch 1: the loss is nan")
    assert [len(outcome.history) for outcome in outcomes] == [2, 0, 2]
    trainer = fit.Trainer(recipe)
    for each in (alone[0], alone[2]):
        trainer.train([each])
    assert_alike([stacked[0], stacked[2]], [alone[0], alone[2]])


class KilledError(Exception):
    pass


@pytest.mark.parametrize("name", ["one cycle", "last"])
def test_a_killed_stack_resumes_and_ends_with_the_same_bytes(folds, tmp_path, name):
    recipe = Recipe(**{"epochs": 4, "patience": 2} | RECIPES[name])
    killed, resumed, undisturbed = (networks_of(folds, recipe, TRIALS) for _ in range(3))
    # One has diverged before the kill, and stays so.
    for networks in (killed, resumed, undisturbed):
        networks[2].model.set_weights([w * np.nan for w in networks[2].model.get_weights()])

    def kill(history: list[Epoch], sharing: int) -> None:
        if len(history) == 2:
            raise KilledError

    first = killed[0]
    killed[0] = fit.Network(first.model, first.source, first.validation, first.stream, kill)
    with pytest.raises(KilledError):
        fit.Trainer(recipe).train(killed, Checkpoint(tmp_path / "a.npz", share=1))
    found = fit.Trainer(recipe).train(resumed, Checkpoint(tmp_path / "a.npz", share=0.05))
    expected = fit.Trainer(recipe).train(undisturbed)
    assert_alike(resumed[:2], undisturbed[:2], atol=0)
    assert [outcome.failed is None for outcome in found] == [True, True, False]
    for one, other in zip(found, expected, strict=True):
        assert [e.val_loss for e in one.history] == [e.val_loss for e in other.history]


def test_the_bytes_of_a_network_depend_on_those_it_is_stacked_with_and_on_nothing_else(folds):
    recipe = Recipe(epochs=2, learning_rate=0.05)
    three, same, two = (networks_of(folds, recipe, some) for some in (TRIALS, TRIALS, TRIALS[1:]))
    for networks in (three, same, two):
        fit.Trainer(recipe).train(networks)
    assert_alike(three, same, atol=0)
    # Its values lie elsewhere in memory, where other instructions of the processor round otherwise.
    assert_alike(three[1:], two, atol=1e-6)


def test_compiled_for_a_gpu_stacked_networks_are_those_that_are_trained_alone(folds, monkeypatch):
    monkeypatch.setattr(loop, "on_gpu", lambda: True)
    recipe = Recipe(epochs=2, learning_rate=0.05, dropout=0.3)
    stacked, alone = (networks_of(folds, recipe, TRIALS[1:]) for _ in range(2))
    fit.Trainer(recipe).train(stacked)
    trainer = fit.Trainer(recipe)
    for each in alone:
        trainer.train([each])
    assert_alike(stacked, alone)


def test_on_a_device_each_network_drops_by_its_own_seeds_its_share(monkeypatch):
    model = network.build_network((8, 8), 10, layers=2, nodes=40, dropout=0.3, seeds=[1, 2, 3])
    dropouts = loop.dropout_layers(model)
    seeds = np.array([[1, 5, 7], [2, 6, 8]], np.int32)
    three = loop.draw_on_device(tf.constant(seeds), tf.constant([9, 3, 50]), dropouts)
    two = loop.draw_on_device(tf.constant(seeds[:, 1:]), tf.constant([9, 2, 50]), dropouts)
    assert [mask.shape for mask in three] == [(9, 3, 50, 40)] * 2
    for mask, fewer in zip(three, two, strict=True):
        np.testing.assert_array_equal(mask[:, 1:], fewer)
        assert 1 - np.mean(mask) == pytest.approx(0.3, abs=6 * (0.21 / mask.numpy().size) ** 0.5)
    masks = np.stack(three).reshape(2, 9, 3, -1)
    for number in range(3):
        assert (masks[0, :, 0] != masks[1, :, number]).mean() == pytest.approx(0.42, abs=0.03)


def test_networks_with_images_of_their_own_are_trained_on_them(folds):
    """Where new copies are made for each epoch, every network has its own source."""

    class Made:
        at_once, made = 128, True

        def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
            self.images, self.labels = images, labels

        def __len__(self) -> int:
            return len(self.images)

        def epoch(self, number: int):
            def make(batches: np.ndarray):
                places = np.arange(batches.size, dtype=np.int32).reshape(batches.shape)
                return self.images[batches.ravel()], self.labels[batches.ravel()], places

            return make

    recipe = Recipe(epochs=2, learning_rate=0.05, dropout=0.0)
    stacked, alone = (networks_of(folds, recipe, TRIALS) for _ in range(2))
    made = [
        fit.Network(each.model, Made(*folds[0][fold]), each.validation, each.stream)
        for each, (fold, _) in zip(stacked, TRIALS, strict=True)
    ]
    fit.Trainer(recipe).train(made)
    trainer = fit.Trainer(recipe)
    for each in alone:
        trainer.train([each])
    assert_alike(stacked, alone)
