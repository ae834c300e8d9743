"""The trials of a cell: their images, and their networks before they are trained."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from digits.augmentation.tensors import read_tensor
from digits.core.atomic_files import write_text
from digits.core.design import SIZES, Trial
from digits.core.results_folder import ResultsFolder
from digits.data import image_tables
from digits.training import network
from digits.training.fit import Epoch, Network, Stream
from digits.training.loop import Source, Tensor
from digits.training.recipe import Recipe
from digits.training.records import history_csv, progress

FreshSource = Callable[[tuple[np.ndarray, np.ndarray], image_tables.Images, int], Source]
"""Makes a source of new images for each epoch of a fold, of its images and labels, its validation
images, and its number."""


@dataclass(frozen=True)
class Cell:
    """A cell, how its networks are trained, and where its files are.

    Attributes
    ----------
    folder : of a design with this cell alone
    fresh : how new images are made for each epoch; None: there are those of the tensor
    """

    folder: ResultsFolder
    classes: int
    recipe: Recipe
    fresh: FreshSource | None = None


def networks_of(
    cell: Cell, trials: Sequence[Trial], limit: int | None
) -> Iterator[dict[Trial, Network]]:
    """Yield the networks of trials, by trial: those that are trained stacked at a time.

    These have as many images each, which is so for all folds or for most.

    Parameters
    ----------
    limit : how many may be stacked; None for any number

    Raises
    ------
    DataError
        If the images of a fold cannot be read.
    """
    limit = limit or len(trials)
    folds, images = (), {}
    for start in range(0, len(trials), limit):
        some = trials[start : start + limit]
        needed = tuple(dict.fromkeys(trial[-2] for trial in some))
        if needed != folds:
            folds, images = needed, read_images(cell, needed)
        by_size: dict[tuple[int, int], dict[Trial, Network]] = {}
        for trial in some:
            built = new_network(cell, trial, images[trial[-2]])
            by_size.setdefault(built.size, {})[trial] = built
        yield from by_size.values()


@dataclass(frozen=True)
class Images:
    """The images of a fold.

    Attributes
    ----------
    training : uint8 array of shape (n, height, width), in colour (n, height, width, 3)
    source : of the images that are trained on
    validation : the images to validate on
    """

    training: np.ndarray
    source: Source
    validation: Tensor


def read_images(cell: Cell, folds: Sequence[int]) -> dict[int, Images]:
    """Read the images of folds, and place them on the device."""
    (levels,) = cell.folder.design.cells
    tensors = [read_tensor(cell.folder.tensor(levels, fold), cell.classes) for fold in folds]
    held_out = [
        image_tables.read_images(
            cell.folder.part(fold, "validation"), ["label"], classes=cell.classes,
            image_shape=images.shape[1:],
        )
        for fold, (images, _) in zip(folds, tensors, strict=True)
    ]  # fmt: skip
    if cell.fresh:
        sources = [cell.fresh(*of_fold) for of_fold in zip(tensors, held_out, folds, strict=True)]
    else:
        sources = Tensor.side_by_side(tensors)
    validation = Tensor.side_by_side([(part.images, part.labels) for part in held_out])
    each = zip((images for images, _ in tensors), sources, validation, strict=True)
    return {fold: Images(*these) for fold, these in zip(folds, each, strict=True)}


def new_network(cell: Cell, trial: Trial, images: Images) -> Network:
    """Return the network of a trial, untrained, which logs and records each of its epochs."""
    design, recipe = cell.folder.design, cell.recipe
    levels = dict(zip(design.trial_columns, trial, strict=True))
    size = {name: levels[name] for name in SIZES}
    stream = Stream((levels["seed"], levels["fold"], *size.values()))
    model = network.build_network(
        images.training.shape[1:],
        cell.classes,
        **size,
        dropout=recipe.dropout,
        seeds=stream.seeds(0, size["layers"] + 1),
        activation=recipe.activation,
        scaling=network.input_scaling(recipe.input_scaling, images.training),
    )
    title, count = design.log_label(trial), len(images.source)
    print(f"{title} | {count:,} images, {len(images.validation):,} to validate on", flush=True)
    path = cell.folder.history(trial)
    write_text(path, history_csv([], Epoch))

    def on_epoch(history: list[Epoch]) -> None:
        print(f"{title} | {progress(history, recipe.epochs, count)}", flush=True)
        write_text(path, history_csv(history, Epoch))

    return Network(model, images.source, images.validation, stream, on_epoch)
