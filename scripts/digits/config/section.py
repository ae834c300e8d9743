"""What all sections of a configuration have in common."""

import os

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Keys of a configuration: others are refused, and no value is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def absolute(path: str) -> str:
    """Return a path in full, by its text alone: nothing is looked up, links are not followed."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.absolute() leaves .. as it is
