"""Every key of a recipe, compared with Keras's own ``fit``, and resumed after a kill."""

import math
from dataclasses import fields
from functools import cache

import keras
import numpy as np
import pytest

from digits.training import devices

devices.prepare("cpu")

from training_networks import digits_cut, train_alone  # noqa: E402

from digits.config.models import Training  # noqa: E402 - after TensorFlow is prepared
from digits.training import loop, network  # noqa: E402
from digits.training.checkpoints import read_checkpoint  # noqa: E402
from digits.training.optimizers import START, make_rate  # noqa: E402
from digits.training.outcomes import Epoch, Outcome  # noqa: E402
from digits.training.random_streams import Stream  # noqa: E402
from digits.training.recipe import Recipe, with_floats  # noqa: E402
from digits.training.stack import Stack  # noqa: E402

STEPS = 30
OPTIMIZERS = keras.optimizers

RECIPES = {
    "sgd": ({}, lambda: OPTIMIZERS.SGD(0.05)),
    "momentum": ({"momentum": 0.9}, lambda: OPTIMIZERS.SGD(0.05, momentum=0.9)),
    "nesterov": (
        {"momentum": 0.9, "nesterov": True},
        lambda: OPTIMIZERS.SGD(0.05, momentum=0.9, nesterov=True),
    ),
    "decay": ({"weight_decay": 0.1}, lambda: OPTIMIZERS.SGD(0.05, weight_decay=0.1)),
    "rmsprop": (
        {"optimizer": "rmsprop", "learning_rate": 0.003, "momentum": 0.5},
        lambda: OPTIMIZERS.RMSprop(0.003, momentum=0.5),
    ),
    "adam with decay": (
        {"optimizer": "adam", "learning_rate": 0.01, "weight_decay": 0.1},
        lambda: OPTIMIZERS.Adam(0.01, weight_decay=0.1),
    ),
    "adamw": (
        {"optimizer": "adamw", "learning_rate": 0.01},
        lambda: OPTIMIZERS.AdamW(0.01),  # with Keras's own decay, of 0.004
    ),
    "adamw with decay": (
        {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.3},
        lambda: OPTIMIZERS.AdamW(0.01, weight_decay=0.3),
    ),
    "adamw without decay": (
        {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0},
        lambda: OPTIMIZERS.Adam(0.01),
    ),
    "nadam": (
        {"optimizer": "nadam", "learning_rate": 0.01, "weight_decay": 0.1},
        lambda: OPTIMIZERS.Nadam(0.01, weight_decay=0.1),
    ),
    "adagrad": (
        {"optimizer": "adagrad", "learning_rate": 0.1},
        lambda: OPTIMIZERS.Adagrad(0.1),
    ),
    "cosine": (
        {"schedule": "cosine", "final_factor": 0.1},
        lambda: OPTIMIZERS.SGD(OPTIMIZERS.schedules.CosineDecay(0.05, STEPS, alpha=0.1)),
    ),
    "cosine with warm-up": (
        {"schedule": "cosine", "warm_up": 0.2},
        lambda: OPTIMIZERS.SGD(
            OPTIMIZERS.schedules.CosineDecay(0.0, 24, warmup_target=0.05, warmup_steps=6)
        ),
    ),
    "one cycle": (
        {"schedule": "one_cycle", "warm_up": 0.4, "final_factor": 0.1},
        lambda: OPTIMIZERS.SGD(0.05),  # with a callback
    ),
    "ema": (
        {"averaging": "ema", "ema_momentum": 0.8},
        lambda: OPTIMIZERS.SGD(0.05, use_ema=True, ema_momentum=0.8),
    ),
    "label smoothing": ({"label_smoothing": 0.2}, lambda: OPTIMIZERS.SGD(0.05)),
    "gelu": ({"activation": "gelu"}, lambda: OPTIMIZERS.SGD(0.05)),
    "standard": ({"input_scaling": "standard"}, lambda: OPTIMIZERS.SGD(0.02)),
}
RECIPES["standard"][0]["learning_rate"] = 0.02


@pytest.fixture(scope="module")
def digits():
    return digits_cut(960)  # 15 batches


def recipe_of(settings: dict) -> Recipe:
    return Recipe(**{"epochs": 2, "learning_rate": 0.05, "dropout": 0.0} | settings)


def build(recipe: Recipe, images: np.ndarray) -> keras.Model:
    return network.build_network(
        (8, 8), 10, layers=2, nodes=20, dropout=recipe.dropout, seeds=[1, 2, 3],
        activation=recipe.activation,
        scaling=network.input_scaling(recipe.input_scaling, images),
    )  # fmt: skip


def train(recipe: Recipe, digits, **options) -> tuple[keras.Model, list[Epoch]]:
    model = build(recipe, digits[0][0])
    return model, train_alone(model, digits, (7,), recipe, **options)


def one_cycle(step: int) -> float:
    """The learning rate of the recipe "one cycle", by its definition: 12 of 30 steps up."""
    if step < 12:
        return 0.05 / 25 + (0.05 - 0.05 / 25) * (1 - math.cos(math.pi * step / 12)) / 2
    return 0.005 + 0.045 * (1 + math.cos(math.pi * (step - 12) / 18)) / 2


class OneCycle(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = one_cycle(batch)


def fitted(recipe: Recipe, optimizer, digits) -> keras.Model:
    """Two epochs of ``fit`` in the order of ours, as one long epoch."""
    (images, labels), _ = digits
    model = build(recipe, images)
    generators = map(Stream((7,)).generator, (1, 2))
    order = np.concatenate([generator.permutation(len(images)) for generator in generators])
    smoothing = recipe.label_smoothing
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=smoothing),
    )
    callbacks = [OneCycle()] if recipe.schedule == "one_cycle" else []
    model.fit(
        images[order], np.eye(10)[labels[order]],
        batch_size=64, shuffle=False, verbose=0, callbacks=callbacks,
    )  # fmt: skip
    return model


@pytest.fixture(scope="module")
def trained(digits):
    """The trained networks and histories, by the recipe's name; each is trained once."""
    return cache(lambda name: train(recipe_of(RECIPES[name][0]), digits))


@pytest.mark.parametrize("name", RECIPES)
def test_the_weights_are_those_of_keras_fit_and_of_no_other_recipe(digits, trained, name):
    settings, optimizer = RECIPES[name]
    ours, history = trained(name)
    assert Outcome(history).best.epoch == 2  # whose weights are kept
    theirs = fitted(recipe_of(settings), optimizer(), digits)
    other = trained("momentum" if name == "sgd" else "sgd")[0]
    weights = [model.get_weights() for model in (ours, theirs, other)]
    for found, expected, _ in zip(*weights, strict=True):
        np.testing.assert_allclose(found, expected, atol=5e-6)
    assert max(np.abs(found - alike).max() for found, _, alike in zip(*weights, strict=True)) > 1e-4


def test_the_last_epochs_are_averaged(digits):
    # Each epoch is the best so far, so a training of fewer ends with its weights.
    ends = [train(recipe_of({"epochs": epochs}), digits)[0].get_weights() for epochs in (2, 3, 4)]
    averaged, history = train(recipe_of({"epochs": 4, "averaging": "last"}), digits)
    assert Outcome(history).best.epoch == 4
    for found, *three in zip(averaged.get_weights(), *ends, strict=True):
        np.testing.assert_allclose(found, np.mean(three, axis=0), rtol=1e-6)


@pytest.mark.parametrize("averaging", ["ema", "last"])
def test_the_averaged_weights_are_validated_and_kept(digits, averaging):
    settings = {"averaging": averaging, "ema_momentum": 0.9, "epochs": 3}
    model, history = train(recipe_of(settings), digits)
    images, labels = digits[1]
    probabilities = model.predict(images, verbose=0)
    best = Outcome(history).best
    assert best.val_accuracy == pytest.approx((probabilities.argmax(axis=1) == labels).mean())
    losses = -np.log(probabilities[np.arange(len(labels)), labels])
    assert best.val_loss == pytest.approx(losses.mean(), rel=1e-5)
    _, plain = train(recipe_of({"epochs": 3}), digits)
    assert [e.loss for e in history] == [e.loss for e in plain]  # it trains from its own weights
    assert history[-1].val_loss != plain[-1].val_loss


def test_labels_are_smoothed_in_training_and_not_in_validation(digits):
    _, plain = train(recipe_of({"epochs": 1}), digits)
    _, smoothed = train(recipe_of({"epochs": 1, "label_smoothing": 1e-4}), digits)
    assert smoothed[0].loss > plain[0].loss
    assert smoothed[0].val_loss == pytest.approx(plain[0].val_loss, abs=1e-4)


STATES = {
    "one cycle": {"optimizer": "adamw", "learning_rate": 0.01, "schedule": "one_cycle",
                  "warm_up": 0.3},
    "ema": {"averaging": "ema", "ema_momentum": 0.9, "label_smoothing": 0.1, "momentum": 0.9,
            "schedule": "cosine", "warm_up": 0.3},
    "last": {"averaging": "last", "averaged_epochs": 2, "dropout": 0.3},
    "silu": {"optimizer": "rmsprop", "learning_rate": 0.002, "momentum": 0.5,
             "activation": "silu", "input_scaling": "standard"},
}  # fmt: skip


class KilledError(Exception):
    pass


@pytest.mark.parametrize("name", STATES)
def test_killed_and_resumed_it_ends_with_the_same_bytes(digits, tmp_path, name):
    recipe = recipe_of({"epochs": 4} | STATES[name])

    def kill(history, sharing):
        if len(history) == 2:
            raise KilledError

    with pytest.raises(KilledError):
        train(recipe, digits, checkpoint=tmp_path / "a.npz", on_epoch=kill)
    models = [train(recipe, digits, checkpoint=tmp_path / "a.npz"), train(recipe, digits)]
    files = []
    for number, (model, _) in enumerate(models):
        network.save_network(model, tmp_path / f"{number}.keras")
        files.append((tmp_path / f"{number}.keras").read_bytes())
    assert files[0] == files[1]
    losses = [[epoch.val_loss for epoch in history] for _, history in models]
    assert losses[0] == losses[1]


def test_a_checkpoint_of_another_averaging_is_not_used(digits, tmp_path):
    train(recipe_of({"averaging": "last"}), digits, checkpoint=tmp_path / "a.npz")
    recipe, state = recipe_of({}), read_checkpoint(tmp_path / "a.npz")
    models = [build(recipe, digits[0][0])]
    assert Stack(models, recipe_of({"averaging": "last"}), None).fits(state)
    assert not Stack(models, recipe, None).fits(state)


@pytest.mark.parametrize("name", ["one cycle", "ema"])
def test_the_program_that_is_compiled_for_a_gpu_computes_the_same(digits, monkeypatch, name):
    recipe = recipe_of(STATES[name])
    here, _ = train(recipe, digits)
    monkeypatch.setattr(loop, "on_gpu", lambda: True)
    there, _ = train(recipe, digits)
    for one, other in zip(here.get_weights(), there.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
@pytest.mark.parametrize(("warm_up", "rise"), [(0, 0), (0.25, 5), (0.001, 0), (0.999, 20)])
def test_a_schedule_rises_to_its_peak_and_falls_to_its_end(schedule, warm_up, rise):
    recipe = Recipe(learning_rate=0.4, schedule=schedule, warm_up=warm_up, final_factor=0.01)
    rates = np.array([float(make_rate(recipe, 20).schedule(step)) for step in range(21)])
    if rise:
        assert rates[0] == pytest.approx(0.4 * START if schedule == "one_cycle" else 0)
        assert (np.diff(rates[: rise + 1]) > 0).all()
    assert rates[rise] == pytest.approx(0.4)
    assert (np.diff(rates[rise:]) < 0).all()
    assert rates[20] == pytest.approx(0.004 if rise < 20 else 0.4)


@pytest.mark.parametrize(
    ("name", "expected"), [("unit", (0, 1)), ("centered", (-1, 1)), ("standard", None)]
)
def test_inputs_are_scaled_as_they_are_named(name, expected):
    images = np.random.default_rng(0).integers(0, 256, (9000, 4, 5), dtype=np.uint8)
    images[0, 0, :2] = 0, 255
    scale, offset = network.input_scaling(name, images)
    scaled = images * scale + offset
    if expected:
        assert (scaled.min(), scaled.max()) == pytest.approx(expected)
    else:
        assert (scaled.mean(), scaled.std()) == pytest.approx((0, 1), abs=1e-9)
        assert network.input_scaling(name, images[:1] * 0 + 9) == (1, -9)


def test_the_names_and_defaults_of_a_recipe_are_those_of_the_configuration():
    configured = Training().model_dump()
    assert (configured.pop("device"), configured.pop("stack")) == ("auto", "auto")
    assert Recipe.from_data(configured | {"device": "cpu"}) == Recipe()
    assert configured.keys() == {field.name for field in fields(Recipe)}


def test_sections_are_the_same_in_any_order_and_with_whole_floats():
    one, other = {"a": 1, "b": True, "c": "x"}, {"c": "x", "b": True, "a": 1.0}
    assert repr(with_floats(one)) == repr(with_floats(other))
    assert with_floats(one) != with_floats(one | {"a": 2})
