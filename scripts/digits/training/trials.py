"""The trials of a cell: their images, and their networks before they are trained."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digits.augmentation.tensors import read_tensor
from digits.core.atomic_files import write_text
from digits.core.design import SIZES, Trial
from digits.core.results_folder import ResultsFolder
from digits.data import image_tables
from digits.training import network
from digits.training.device_memory import enough_memory
from digits.training.fit import Network
from digits.training.loop import Source, Tensor
from digits.training.outcomes import Epoch
from digits.training.random_streams import Stream
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
    TrainingError
        If the device is out of memory.
    """
    limit = limit or len(trials)
    folds: tuple[int, ...] = ()
    images: dict[int, Images] = {}
    for start in range(0, len(trials), limit):
        some = trials[start : start + limit]
        needed = tuple(dict.fromkeys(trial[-2] for trial in some))
        if needed != folds:
            images.clear()  # they may fill half the memory
            folds, images = needed, read_images(cell, needed)
        by_size: dict[tuple[int, int], dict[Trial, Network]] = {}
        for trial in some:
            with enough_memory("building the networks"):
                built = new_network(cell, trial, images[trial[-2]])
            by_size.setdefault(built.size, {})[trial] = built
        for stack in by_size.values():
            announce(cell, stack)
            yield stack


@dataclass(frozen=True)
class Images:
    """The images of a fold.

    Attributes
    ----------
    shape : of an image, (height, width), in colour (height, width, 3)
    scaling : of the inputs, see :func:`digits.training.network.input_scaling`
    source : of the images that are trained on
    validation : the images to validate on
    """

    shape: tuple[int, ...]
    scaling: tuple[float, float]
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
    shapes = [images.shape[1:] for images, _ in tensors]
    scalings = [network.input_scaling(cell.recipe.input_scaling, images) for images, _ in tensors]
    each = zip(shapes, scalings, sources, validation, strict=True)
    return {fold: Images(*these) for fold, these in zip(folds, each, strict=True)}


def announce(cell: Cell, stack: Mapping[Trial, Network]) -> None:
    """Log which trainings begin, and start their histories."""
    for trial, built in stack.items():
        images, held_out = built.size
        stacked = f", one of {len(stack)} stacked networks" * (len(stack) > 1)
        title = cell.folder.design.log_label(trial)
        print(f"{title} | {images:,} images, {held_out:,} to validate on{stacked}", flush=True)
        write_text(cell.folder.history(trial), history_csv([]))


def new_network(cell: Cell, trial: Trial, images: Images) -> Network:
    """Return the network of a trial, untrained, which will log and record each of its epochs."""
    design, recipe = cell.folder.design, cell.recipe
    levels = dict(zip(design.trial_columns, trial, strict=True))
    size = {name: levels[name] for name in SIZES}
    stream = Stream((levels["seed"], levels["fold"], *size.values()))
    model = network.build_network(
        images.shape,
        cell.classes,
        **size,
        dropout=recipe.dropout,
        seeds=stream.seeds(0, size["layers"] + 1),
        activation=recipe.activation,
        scaling=images.scaling,
    )
    title, path = design.log_label(trial), cell.folder.history(trial)

    def on_epoch(history: list[Epoch], sharing: int) -> None:
        last = progress(history, recipe.epochs, len(images.source), sharing)
        print(f"{title} | {last}", flush=True)
        write_text(path, history_csv(history))

    return Network(model, images.source, images.validation, stream, on_epoch)
