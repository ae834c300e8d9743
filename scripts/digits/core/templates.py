"""Jinja2 templates, with the number formats of this project as filters."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.core.formatting import FILTERS

if TYPE_CHECKING:
    from jinja2 import Template


def load_template(
    path: Path, filters: Mapping[str, Callable[..., Any]] | None = None, **options: Any
) -> "Template":
    """Load a template, which may include files beside it; undefined names are errors.

    Parameters
    ----------
    filters : further filters, by name
    options : of the Jinja2 environment
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(path.parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )
    environment.filters.update(FILTERS, **(filters or {}))
    return environment.get_template(path.name)
