"""Train a cell as train_cell does, on new copies of the training images in each epoch.

A program of its own, so that trainings on tensors do not depend on the code that makes copies.
"""

from typing import Any

import train_cell
from digits.workflow import job


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    train_cell.main(argv, fresh_copies, __doc__, __file__)


def fresh_copies(
    augmentation: dict[str, Any], training: tuple[Any, Any], validation: Any, fold: int
) -> Any:
    """Return the source of the copies that each epoch has anew, none of them a validation image.

    Parameters
    ----------
    augmentation : the section of that name
    training : uint8 images of shape (n, *image_shape) and uint8 labels of shape (n,)
    validation : the validation images, a :class:`digits.data.image_tables.Images`
    """
    # They import numba and NumPy, which a training taken from the store does not need.
    from digits.augmentation.fresh import FreshCopies
    from digits.data.held_out import HeldOut

    return FreshCopies(training, HeldOut(validation.chunks()), augmentation, fold)


if __name__ == "__main__":
    job.run(main)
