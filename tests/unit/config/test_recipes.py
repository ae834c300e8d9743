"""The design of a configuration, and the recipes of its cells."""

import pytest
from configurations import SMALLEST, changed, completed, refusal

from digits.config.recipes import design_of, recipe_of, settings_of, work_of
from digits.core.design import Design

BUNDLES = {
    "plain": {},
    "fast": {"training": {"epochs": 1, "optimizer": "adamw"}, "augmentation": {"rotation": 0.05}},
}


def with_design(design, **sections):
    config = {**SMALLEST, "design": design, **sections}
    full = completed(config)
    return full, design_of(full)


def test_the_default_design_is_of_two_factors():
    _, design = with_design({})
    assert design == Design({"layers": (2, 3, 5), "nodes": (100, 200)})


def test_factors_have_one_order_whatever_that_of_the_file():
    levels = {
        "rotation": [0.1, 0],
        "dropout": [0.2, 0],
        "nodes": [32, 16],
        "optimizer": ["sgd", "adam"],
    }
    _, design = with_design(levels | {"layers": [2]})
    _, other = with_design({"layers": [2]} | dict(reversed(levels.items())))
    assert design == other
    assert dict(design.factors) == {
        "layers": (2,),
        "nodes": (16, 32),
        "optimizer": ("sgd", "adam"),
        "dropout": (0.0, 0.2),
        "rotation": (0.0, 0.1),
    }
    assert design.kinds["dropout"] is float


def test_a_factor_that_is_called_as_a_result_has_another_name():
    config, design = with_design({"epochs": [1, 3]})
    assert list(design.factors) == ["layers", "nodes", "max_epochs"]
    assert recipe_of(config, design, (2, 100, 3))["training"]["epochs"] == 3


def test_a_recipe_is_resolved_from_defaults_the_file_the_bundle_and_the_levels():
    config, design = with_design(
        {"recipe": ["plain", "fast"], "zoom": [0, 0.3]},
        recipes=BUNDLES,
        training={"epochs": 7, "dropout": 0.5},
    )
    plain = recipe_of(config, design, (2, 100, "plain", 0.3))
    fast = recipe_of(config, design, (2, 100, "fast", 0.0))
    assert (plain["training"]["epochs"], fast["training"]["epochs"]) == (7, 1)  # file, bundle
    assert (plain["training"]["optimizer"], fast["training"]["optimizer"]) == ("sgd", "adamw")
    assert fast["training"]["dropout"] == 0.5  # file
    assert fast["training"]["batch_size"] == 64  # default
    assert (plain["augmentation"]["rotation"], fast["augmentation"]["rotation"]) == (0.1, 0.05)
    assert (plain["augmentation"]["zoom"], fast["augmentation"]["zoom"]) == (0.3, 0)  # levels
    assert config["training"]["epochs"] == 7


def test_the_settings_of_a_cell_are_all_that_makes_its_networks():
    config, design = with_design({"recipe": ["plain", "fast"]}, recipes=BUNDLES)
    settings = settings_of(config, design, (2, 100, "fast"))
    assert settings["recipe"] == "fast"
    assert (settings["layers"], settings["nodes"], settings["max_epochs"]) == (2, 100, 1)
    assert settings["rotation"] == 0.05
    assert not {"seed", "device"} & settings.keys()


@pytest.mark.parametrize(
    ("design", "recipes", "tensors"),
    [
        ({"dropout": [0, 0.2]}, {}, ()),
        ({"rotation": [0, 0.1]}, {}, ("rotation",)),
        ({"recipe": ["fast"], "zoom": [0, 0.1]}, BUNDLES, ("recipe", "zoom")),
        ({"recipe": ["a"]}, {"a": {"training": {"epochs": 1}}}, ()),
    ],
)
def test_tensors_are_those_of_the_factors_that_decide_them(design, recipes, tensors):
    _, found = with_design(design, recipes=recipes)
    assert found.tensors == tensors


def test_excluded_cells_are_left_out():
    _, design = with_design(
        {
            "optimizer": ["sgd", "adam"],
            "exclude": [{"layers": 5}, {"nodes": 200, "optimizer": "adam"}],
        }
    )
    assert len(design.cells) == 6
    assert (2, 200, "adam") not in design.cells


def test_a_larger_network_and_more_epochs_are_more_work():
    config, design = with_design({"epochs": [1, 2]})
    works = [work_of(config, design, cell) for cell in [(2, 100, 1), (2, 100, 2), (5, 200, 2)]]
    assert works == sorted(set(works))


@pytest.mark.parametrize(
    ("design", "recipes", "expected"),
    [
        ({"optimzer": ["sgd"]}, {}, "design.optimzer: no such key; did you mean optimizer?"),
        ({"seed": [1]}, {}, "design.seed: no such key; did you mean "),
        ({"device": ["cpu"]}, {}, "design.device: no such key; did you mean "),
        ({"optimizer": ["sgd", "adamx"]}, {}, "design.optimizer.1: expected one of ["),
        ({"dropout": [0, 1]}, {}, "design.dropout.1: expected less than 1, found 1"),
        ({"dropout": [0, 0.0]}, {}, "design.dropout: expected each value once"),
        (
            {"recipe": ["fast"]},
            {},
            "design.recipe.0: expected a key of recipes (none there), found",
        ),
        ({"recipe": ["best"]}, BUNDLES, "design.recipe.0: expected a key of recipes (plain, fast)"),
        (
            {"recipe": ["fast"], "epochs": [1, 2]},
            BUNDLES,
            "recipes.fast.training: expected no key that is a factor of the design, found epochs",
        ),
        ({}, {"a": {"training": {"epoch": 1}}}, "recipes.a.training.epoch: no such key; did you"),
        ({}, {"a": {"training": {"epochs": 0}}}, "recipes.a.training.epochs: expected at least 1"),
        ({}, {"a": {"training": {"device": "cpu"}}}, "recipes.a.training.device: no such key"),
        ({}, {"a": {"augmentation": {"seed": 1}}}, "recipes.a.augmentation.seed: no such key"),
        ({}, {"a": {"trainings": {}}}, "recipes.a.trainings: no such key; did you mean training?"),
        ({}, {"a_b": {}}, "recipes.a_b: expected a name of at most 32 letters, digits, . and -"),
        ({"exclude": [{"layers": 4}]}, {}, "design.exclude.0.layers: expected one of [2, 3, 5]"),
        (
            {"exclude": [{"dropout": 0.2}]},
            {},
            "design.exclude.0: expected a factor of the design (layers, nodes), found 'dropout'",
        ),
        ({"exclude": [{}]}, {}, "design.exclude.0: expected a level of at least one factor"),
        (
            {"layers": [2], "exclude": [{"layers": 2}]},
            {},
            "design.exclude: expected partial cells that leave a cell, found that all are",
        ),
        (
            {"epochs": [*range(1, 401)]},
            {},
            "design: expected at most 2,000 trials, found 2,400: 3 design.layers x 2 design.nodes x"
            " 400 design.epochs",
        ),
        (
            {"layers": [*range(1, 101)], "nodes": [*range(1, 3001)], "exclude": [{"layers": 1}]},
            {},
            "design: expected at most 2,000 trials, found 297,000: ",
        ),
    ],
)
def test_a_mistake_in_the_design_is_one_line_with_the_key(design, recipes, expected):
    told = refusal({**SMALLEST, "design": design, "recipes": recipes})
    assert told.startswith(f"config: {expected}")


def test_more_than_six_factors_of_several_levels_are_refused():
    levels = {"epochs": [1, 2], "patience": [1, 2], "dropout": [0, 0.1], "copies": [0, 1]}
    with_design({"layers": [2, 3], "nodes": [8, 9], **levels})
    told = refusal(
        changed("design", {"layers": [2, 3], "nodes": [8, 9], "zoom": [0, 0.1], **levels})
    )
    assert told.startswith(
        "config: design: expected at most 6 factors with several levels, found 7"
    )
