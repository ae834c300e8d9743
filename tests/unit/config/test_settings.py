"""The settings of the cells of an experiment, as readers find them."""

from digits.config.models import Augmentation, Training
from digits.config.settings import either, settings_of
from digits.core.design import Design

CONFIG = {"training": Training().model_dump(), "augmentation": Augmentation().model_dump()}


def test_a_setting_has_the_values_that_it_has_in_any_cell():
    design = Design({"layers": (2,), "nodes": (9,), "learning_rate": (0.01, 0.1)})
    training = settings_of(CONFIG, design)["training"]
    assert (training["learning_rate"], training["optimizer"]) == ([0.01, 0.1], ["sgd"])


def test_a_recipe_counts_where_the_design_has_it():
    fast = {"training": {"epochs": 1, "momentum": 0.9}, "augmentation": {"shear": 0.2}}
    config = CONFIG | {"recipes": {"plain": {}, "fast": fast}}
    found = settings_of(config, Design({"recipe": ("plain", "fast")}))
    assert found["training"]["epochs"] == [10, 1]
    assert found["training"]["others"] == {"momentum": [0, 0.9]}
    assert found["augmentation"]["others"] == {"shear": [0, 0.2]}


def test_settings_without_effect_are_not_mentioned():
    found = settings_of(CONFIG, Design({"layers": (2,)}))
    assert [found[section]["others"] for section in ("training", "augmentation")] == [{}, {}]
    training = CONFIG["training"] | {"averaging": "ema", "schedule": "cosine"}
    found = settings_of(CONFIG | {"training": training}, Design({"layers": (2,)}))
    assert found["training"]["others"] == {
        "schedule": ["cosine"],
        "averaging": ["ema"],
        "ema momentum": [0.999],
    }


def test_values_are_written_as_alternatives():
    assert either(["sgd", "adam"]) == "sgd or adam"
    assert either([0.1], 100) == "10"
    assert either([0.1, 0.155], 100, ".1f") == "10.0 or 15.5"


def test_an_epoch_has_the_image_itself_and_copies_of_three_kinds():
    found = settings_of(CONFIG, Design({"copies": (0, 3)}))
    assert found["augmentation"]["images"] == [1, 10]
