"""A hash of the workflow's rules, without their comments and docstrings."""

import hashlib
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

DOCUMENTED = {"rule", "checkpoint", "module", "def", "class"}
"""What a statement begins with where the text below it is a docstring and no value."""

CALLED = tuple(
    f"scripts/digits/workflow/{name}.py" for name in ("all_rules", "given_files", "stored_files")
)
"""Modules of the library that decide what the jobs are."""


def workflow_identity(root: Path) -> str:
    """Return a hash of the Snakefile, the rules and what they call, without comments."""
    digest = hashlib.sha256()
    called = [path for path in (root / each for each in CALLED) if path.exists()]
    for path in [root / "Snakefile", *sorted((root / "workflow/rules").glob("*.smk")), *called]:
        with path.open("rb") as file:
            digest.update(repr(list(_statements(tokenize.tokenize(file.readline)))).encode())
    return digest.hexdigest()[:16]


def _statements(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tuple[int, list[str]]]:
    """Give the statements with their depth; the text below a rule or a function documents it."""
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}
    depth, line, above = 0, [], ["def"]
    for token in tokens:
        if token.type in {tokenize.INDENT, tokenize.DEDENT}:
            depth += 1 if token.type == tokenize.INDENT else -1
        elif token.type in {tokenize.NEWLINE, tokenize.ENDMARKER}:
            documents = len(line) == 1 and line[0].startswith('"""') and above[0] in DOCUMENTED
            if line and not documents:
                yield depth, line
            line, above = [], line or above
        elif token.type not in layout:
            line.append(token.string)
