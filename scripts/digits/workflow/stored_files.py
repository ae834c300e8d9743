"""The files of rules where Snakemake's default storage, such as S3, keeps them.

Snakemake then gives a rule's file two names: the address in the storage, and the path of a copy in
``.snakemake/storage``. The rules write a third, the path that the file would have here.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from snakemake.io import (
    IOFile,
    expand,
    get_flag_value,
    strip_wildcard_constraints,
    update_wildcard_constraints,
)

if TYPE_CHECKING:
    from snakemake.rules import Rule
    from snakemake.workflow import Workflow

Patterns = str | Iterable[str]


class StoredFiles:
    """The files of the rules, in the default storage or, without one, in the working folder.

    Attributes
    ----------
    elsewhere : whether there is a default storage
    """

    def __init__(self, workflow: "Workflow") -> None:
        settings = workflow.storage_settings
        self.elsewhere = settings.default_storage_provider is not None
        prefix = settings.default_storage_prefix
        self._prefix = f"{prefix.rstrip('/')}/" if prefix else ""

    def as_written(self, path: str) -> str:
        """Return the path or pattern of a rule's file as the rule has it, without constraints."""
        stored = get_flag_value(path, "storage_object")
        written = stored.query.removeprefix(self._prefix) if stored else path
        return strip_wildcard_constraints(written)

    def expand(self, patterns: Patterns, *combinator: Any, **levels: Any) -> list[str]:
        """Expand patterns as Snakemake does, also those of files that are in the storage."""
        if isinstance(patterns, str):
            patterns = [patterns]
        if self.elsewhere:
            patterns = list(map(self.as_written, patterns))
        return expand(patterns, *combinator, **levels)


def constrain_stored(rules: Iterable["Rule"], constraints: Mapping[str, str]) -> None:
    """Constrain the wildcards of outputs in a storage, by which Snakemake finds a file's rule.

    Those that are set once a rule is made reach the address of an output, but not the path of its
    copy, which Snakemake compares.
    """
    for rule in rules:
        for place, output in enumerate(rule.output):
            if output.is_storage:
                path = update_wildcard_constraints(str(output), {}, dict(constraints))
                constrained = IOFile(path, rule=rule)
                constrained.clone_flags(output, skip_storage_object=True)
                constrained.flags["storage_object"] = output.storage_object
                rule.output[place] = constrained
