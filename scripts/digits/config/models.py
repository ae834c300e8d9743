"""The models of a configuration: each key with its meaning, its range and its default.

The schema and the tables in ``config/README.md`` are written from these by ``make docs``.
"""

import math
from types import NoneType
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from digits.config.dataset import FILES, Dataset, paths_of, values_of
from digits.config.field_types import (
    Levels,
    Name,
    Number,
    Place,
    Recipe,
    RefusalError,
    Seed,
    Share,
    Stack,
)
from digits.config.section import Section, absolute
from digits.config.value_text import shown

MOST_EXCLUDED = 500
"""Partial cells to leave out: the design is an argument of a command, of 131,072 bytes at most."""

MOST_WEIGHTS = 10**9
"""4 GB of 32-bit numbers, and several times that in training."""


class CrossValidation(Section):
    """How the training images are split into training and validation parts."""

    splits: int = Field(
        5,
        ge=2,
        le=1000,
        description="Number of stratified folds; a fold's validation part is 1/splits of the"
        " images.",
    )
    folds: Levels[Annotated[int, Field(ge=0)]] = Field(
        [0], description="The folds to run, of 0 to splits - 1."
    )
    seed: Seed = Field(422, description="Seed of the shuffle before the split.")

    @field_validator("folds")
    @classmethod
    def _below_splits(cls, folds: list[int], info: ValidationInfo) -> list[int]:
        splits = info.data.get("splits", math.inf)
        if max(folds) >= splits:
            expected = f"0 to {splits - 1}, as cross_validation.splits is {splits}"
            raise RefusalError(expected, f"{max(folds)}")
        return folds


class Augmentation(Section):
    """Random copies of the training images."""

    mode: Literal["fixed", "fresh"] = Field(
        "fixed",
        description="fixed: copies are made once, and trained on in each epoch, with the images"
        " themselves. fresh: each epoch has as many images, all of them new copies, made during the"
        " training.",
    )
    copies: int = Field(
        3,
        ge=0,
        le=100,
        description="Copies per image of each of three kinds (translation and rotation;"
        " translation and zoom; all three), in addition to the image itself: 3 makes ten images"
        " of one; 0 leaves the image alone. Where mode is fresh, all these images, the first as"
        " well, are copies with all transforms.",
    )
    translation: Number = Field(
        0.1,
        ge=0,
        le=1,
        description="Largest translation, as a share of the height and of the width.",
    )
    rotation: Number = Field(
        0.1,
        ge=0,
        le=1,
        description="Largest rotation in either direction, as a share of a full turn (0.1 ="
        " 36 degrees).",
    )
    zoom: Number = Field(
        0.15, ge=0, lt=1, description="Largest relative change of height and of width."
    )
    shear: Number = Field(
        0,
        ge=0,
        le=1,
        description="Largest shear about the centre in either direction, horizontally and"
        " vertically: pixels per pixel of distance. Above 0, it is part of all kinds of copies.",
    )
    elastic_alpha: Number = Field(
        0,
        ge=0,
        le=10_000,
        description="Strength of the elastic deformation in pixels: what the smoothed random"
        " displacements, which were drawn from -1 to 1, are multiplied by (36 with a sigma of 5"
        " moves a pixel by 1.2 on average, in height and in width). Above 0, it is part of all"
        " kinds of copies.",
    )
    elastic_sigma: Number = Field(
        4,
        ge=0.1,
        le=1000,
        description="Standard deviation in pixels of the Gaussian that smooths the displacements"
        " of the elastic deformation.",
    )
    seed: Seed = Field(422, description="Seed of the random copies.")


class Training(Section):
    """How each network is trained."""

    epochs: int = Field(10, ge=1, le=1_000_000, description="Largest number of epochs.")
    batch_size: int = Field(
        64,
        ge=1,
        le=1_000_000,
        description="Images per step; all of them where there are fewer.",
    )
    optimizer: Literal["sgd", "adam", "adamw", "rmsprop", "adagrad", "nadam"] = Field(
        "sgd", description="Keras optimizer; what has no key here is at Keras's defaults."
    )
    learning_rate: Number = Field(
        0.01, gt=0, description="Learning rate of the optimizer; with a schedule, its peak."
    )
    momentum: Number = Field(
        0, ge=0, lt=1, description="Momentum of the optimizer: above 0 for sgd and rmsprop only."
    )
    nesterov: bool = Field(False, description="Whether the momentum is Nesterov's: for sgd only.")
    weight_decay: Share | None = Field(
        None,
        description="Decoupled weight decay: in each step, weights lose this share times the"
        " learning rate. Null: Keras's default, which is 0.004 for adamw and 0 for the others.",
    )
    schedule: Literal["constant", "cosine", "one_cycle"] = Field(
        "constant",
        description="The learning rate over all steps of all epochs. cosine: a linear warm-up from"
        " 0, then half a cosine down. one_cycle: half a cosine up from 1/25 of the peak, then half"
        " a cosine down. Early stopping ends it before it is through.",
    )
    warm_up: Number = Field(
        0,
        ge=0,
        lt=1,
        description="Share of the steps in which the learning rate of a schedule rises to its peak;"
        " without effect where it is constant.",
    )
    final_factor: Number = Field(
        0,
        ge=0,
        le=1,
        description="Learning rate at the end of a schedule as a share of its peak; without effect"
        " where it is constant.",
    )
    label_smoothing: Number = Field(
        0,
        ge=0,
        lt=1,
        description="Share of each label that is spread evenly over all classes, in the training"
        " loss only.",
    )
    averaging: Literal["none", "ema", "last"] = Field(
        "none",
        description="Average of the weights that is validated after each epoch and kept as the"
        " model. ema: an exponential moving average over the steps; last: the mean over the ends"
        " of the last epochs. The training itself goes on from its own weights.",
    )
    ema_momentum: Number = Field(
        0.999, ge=0, lt=1, description="Share of the average that remains after a step, for ema."
    )
    averaged_epochs: int = Field(
        3,
        ge=1,
        le=1000,
        description="Number of epochs whose weights are averaged, for last.",
    )
    dropout: Number = Field(
        0.2,
        ge=0,
        lt=1,
        description="Share of each hidden layer's outputs that is dropped in training.",
    )
    activation: Literal["relu", "elu", "selu", "gelu", "silu", "tanh"] = Field(
        "relu", description="Activation of the hidden layers, by Keras's name."
    )
    input_scaling: Literal["unit", "standard", "centered"] = Field(
        "unit",
        description="Scaling of the pixels, part of the network. unit: to 0 to 1; centered: to -1"
        " to 1; standard: to mean 0 and standard deviation 1 over all pixels, and channels, of the"
        " training images.",
    )
    patience: int = Field(
        10,
        ge=1,
        le=1_000_000,
        description="Epochs without a lower validation loss after which training stops.",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="Precision in which matrices are multiplied in training. bfloat16 is faster on"
        " processors with AVX512_BF16 or AMX and on GPUs, slower on others, and less exact; all"
        " else, validation included, is in float32.",
    )
    device: Literal["auto", "cpu", "gpu"] = Field(
        "auto", description="What to train on. auto: a GPU if there is one, else the CPU."
    )
    stack: Stack = Field(
        "auto",
        description="How many networks of a cell, of its folds and seeds, are trained at once,"
        " stacked. auto: all of them on a GPU, where that takes little more time than one; one at a"
        " time on a CPU.",
    )

    @model_validator(mode="after")
    def _an_optimizer_that_has_them(self) -> Self:
        """Refuse settings that the optimizer does not have."""
        optimizer = f"as training.optimizer is {self.optimizer}"
        if self.momentum and self.optimizer not in {"sgd", "rmsprop"}:
            raise RefusalError(f"0, {optimizer}", f"{self.momentum}", "momentum")
        if self.nesterov and self.optimizer != "sgd":
            raise RefusalError(f"false, {optimizer}", "true", "nesterov")
        return self


FIXED = {"seed", "device", "stack"}
"""Keys of training and augmentation that are no factors."""


FACTOR = "x-factor"
"""Marks, in the schema, a key of the design that stands for a key of another section."""


def given_type(annotation: Any) -> Any:
    """Return the type of a key's values where it is not null, as a level of a factor never is."""
    if NoneType not in get_args(annotation):
        return annotation
    return next(each for each in get_args(annotation) if each is not NoneType)


def _factors() -> dict[str, Any]:
    """Return the fields of the factors of training and augmentation: lists of levels, or None."""
    fields: dict[str, Any] = {}
    for section, model in (("training", Training), ("augmentation", Augmentation)):
        for key, field in model.model_fields.items():
            if key not in FIXED:
                kind = Annotated[given_type(field.annotation), *field.metadata, Field()]
                meaning = f"Levels of {section}.{key}; null or left out: it is no factor."
                levels = Field(None, description=meaning, json_schema_extra={FACTOR: True})
                fields[key] = (Levels[kind] | None, levels)
    return fields


PartialCell = dict[str, bool | int | float | str]


class BaseDesign(Section):
    """The factors of the experiment; their levels are crossed completely."""

    layers: Levels[Annotated[int, Field(ge=1, le=100)]] = Field(
        [2, 3, 5], description="Numbers of hidden layers."
    )
    nodes: Levels[Annotated[int, Field(ge=1, le=65536)]] = Field(
        [100, 200], description="Numbers of nodes in each hidden layer."
    )
    seeds: Levels[Seed] = Field(
        [422], description="Seeds of the trainings; each is one more trial of every cell."
    )
    recipe: Levels[Recipe] | None = Field(
        None, description="Names of recipes, keys of `recipes`; null or left out: it is no factor."
    )
    exclude: list[PartialCell] = Field(
        [],
        max_length=MOST_EXCLUDED,
        description="Partial cells, such as {layers: 5, optimizer: adam}: cells that contain all"
        " levels of one are left out.",
    )


Design = create_model("Design", __base__=BaseDesign, __doc__=BaseDesign.__doc__, **_factors())
"""The levels of the factors: of the network's size, recipes, and keys of other sections."""


def _bundle_of(section: str, model: type[Section]) -> Any:
    """Return the type of the keys of a section in a recipe: any of them, none required."""
    keys = {
        key: Annotated[field.annotation, *field.metadata, Field(description=field.description)]
        for key, field in model.model_fields.items()
        if key not in FIXED
    }
    bundle = TypedDict(f"{section}Keys", keys, total=False)
    bundle.__pydantic_config__ = Section.model_config
    return bundle


class Bundle(Section):
    """A recipe: keys of training and augmentation that go together."""

    training: _bundle_of("Training", Training) = Field({}, description="Keys of training.")
    augmentation: _bundle_of("Augmentation", Augmentation) = Field(
        {}, description="Keys of augmentation."
    )


class Analysis(Section):
    """How the results are judged."""

    margin: Number = Field(
        0.005,
        gt=0,
        lt=1,
        description="Loss of accuracy against the best cell, as a share of the images, that is"
        " acceptable for a smaller network: the cell to pick is shown to lose less.",
    )


class Configuration(Section):
    """All keys, each with its meaning, range and default."""

    experiment: Name = Field(
        description="Name of the experiment, of letters, digits, _, . and -; its results are in"
        " results/<experiment>/.",
    )
    dataset: Dataset
    cross_validation: CrossValidation = Field(default_factory=CrossValidation)
    augmentation: Augmentation = Field(default_factory=Augmentation)
    design: Design = Field(default_factory=Design)
    training: Training = Field(default_factory=Training)
    recipes: dict[Recipe, Bundle] = Field(
        {},
        max_length=100,
        description="Named bundles of keys of training and augmentation, to be levels of the factor"
        " `recipe`: {fast: {training: {epochs: 1}}}.",
    )
    analysis: Analysis = Field(default_factory=Analysis)
    published: Place | None = Field(
        None,
        description="Folder with published figures to compare with: results.csv and history.csv."
        " Null or left out: none.",
    )
    kaggle_scores: Place | None = Field(
        None,
        description="Kaggle's scores got by hand: a file of the columns submission and score, with"
        " a tab between, such as Model-5L200N.csv and 0.97700; a third column sha256 ties a score"
        " to a file. Null or left out: none.",
    )
    cache: Place | None = Field(
        ".cache",
        description="Folder of the store of trained cells, shared by experiments: a training whose"
        " code, settings and data are known is taken from it. Null: none.",
    )
    cache_size: int = Field(
        2000,
        ge=1,
        description="Size of the store in megabytes (MB); the entries unused for longest are"
        " removed.",
    )

    @model_validator(mode="after")
    def _paths_outside_the_results(self) -> Self:
        """Refuse paths in the folder that the workflow writes and may write over."""
        results = f"results/{self.experiment}"
        paths = [
            (f"dataset.{key}", path)
            for key in FILES
            for path in paths_of(getattr(self.dataset, key))
        ]
        paths += [("dataset.submission.sample", self.dataset.submission.sample)]
        paths += [("published", self.published), ("kaggle_scores", self.kaggle_scores)]
        paths += [("cache", self.cache)]
        for key, path in paths:
            if path and f"{absolute(path)}/".startswith(f"{absolute(results)}/"):
                expected = f"a path outside {results}/, which the workflow writes"
                raise RefusalError(expected, shown(path), key)
        return self

    @model_validator(mode="after")
    def _not_too_large_networks(self) -> Self:
        layers, nodes = max(self.design.layers), max(self.design.nodes)
        weights = values_of(vars(self.dataset)) * nodes + (layers - 1) * nodes**2
        if weights > MOST_WEIGHTS:
            found = f"{weights:,}: {layers} layers of {nodes} nodes"
            raise RefusalError(f"at most {MOST_WEIGHTS:,} weights in a network", found, "design")
        return self
