"""Every program with every one of its inputs damaged: one line says so, nothing is half-written.

Parquet, NPZ and Keras files carry checksums, so a flipped bit is always noticed: the unit tests of
their readers flip them. CSV, JSON, YAML and SVG files carry none: a flipped bit that makes another
valid value, such as 0.93 of 0.92, cannot be noticed, but anything else must be.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from other_experiment import write_other
from small_experiment import STEPS, Step, run_experiment

from digits.core.intermediate_files import ADVICE

CHECKED = {".parquet", ".npz", ".keras"}
GIVEN = ("raw/", "published/")
"""Folders of what the user gives, and must not be told to delete."""

FOUND = ("benchmarks/",)
"""Folders whose files are those that are there, so that none is missing."""

FOREIGN = {
    ".json": [b"[1]\n", b'{"a": 1}\n', b"[" * 100_000],
    ".csv": [b"a,b\n1,2\n", b'"\n'],
    ".tsv": [b"a\tb\n1\t2\n"],
    ".yaml": [b"a: 1\n", b"{{{\n", b"[" * 5000],
    ".svg": [b"<html/>\n", b"<svg/>\n", b"<svg width='.' height='.'/>\n"],
    ".parquet": [
        "cells/layers-1_nodes-4/fold-0_seed-5/test.parquet", "data/test.parquet",
        "other/classes.parquet", "other/shape.parquet", "other/none.parquet",
        "other/validation-9.parquet", "other/validation-12.parquet",
        "other/test-9.parquet", "other/test-12.parquet",
    ],
    ".npz": [
        "cells/layers-1_nodes-4/fold-0_seed-5/model.keras",
        *(f"other/{name}.npz" for name in ("classes", "swapped", "shape", "none")),
    ],
    ".keras": ["tensors/fold-0.npz", "other/classes.keras", "other/shape.keras"],
}  # fmt: skip
FITTING = {
    "data/test.parquet": {
        ("write_submissions", "test.parquet"), ("describe_data", "test.parquet"),
        ("predict_cell", "test.parquet"), ("augment_fold", "validation.parquet"),
        ("check_data", "train.parquet"), ("check_data", "test.parquet"),
    },
    "other/classes.parquet": {
        ("augment_fold", "train.parquet"), ("augment_fold", "validation.parquet"),
        ("check_fold", "validation.parquet"), ("plot_errors", "validation.parquet"),
        ("predict_cell", "test.parquet"), ("predict_cell", "validation.parquet"),
    },
    "other/shape.parquet": {
        ("plot_data", "train.parquet"), ("plot_errors", "validation.parquet"),
        ("split_folds", "train.parquet"), ("split_test", "train.parquet"),
        ("check_data", "train.parquet"), ("check_data", "test.parquet"),
    },
    "other/validation-12.parquet": {
        ("analyse_design", "validation.parquet"), ("check_trials", "validation.parquet"),
    },
    "other/swapped.npz": {
        ("plot_augmentation", "fold-0.npz"), ("train_cell", "fold-0.npz"),
        ("train_fresh", "fold-0.npz"),
    },
    "other/shape.npz": {("plot_augmentation", "fold-0.npz")},
    "other/classes.keras": {("predict_cell", "model.keras")},
}  # fmt: skip
"""What a program accepts for an input, as it uses nothing of it that differs, or cannot know."""

FLIPS = 2
GARBAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
SLOW = {"plot_data", "plot_cells", "plot_results", "plot_effects", "plot_errors"}
"""Programs that take a second where a flipped bit makes a valid value; others read the same."""

PAIRS = {
    (step.program, name): (step, name)
    for step in reversed(STEPS)
    for name in step.read
    # One trial of two will do; the raw files count as ingest_images has checked them.
    if "-2_" not in name
    and "2L" not in name
    and (step.program, name[:3]) != ("describe_data", "raw")
}


@pytest.fixture(scope="module")
def results(tmp_path_factory, network):
    results = run_experiment(tmp_path_factory.mktemp("experiment"))
    write_other(results, network)
    return results


def damages(step: Step, name: str, results: Path) -> Iterator[tuple[str, Path | bytes | None]]:
    """Give each damage by its name, and what it leaves: other bytes, a folder or nothing."""
    path = results / name
    content = path.read_bytes()
    if not name.startswith(FOUND):
        yield "missing", None
    yield "a folder", path
    yield "empty", b""
    # A text that ends with a whole line may be a shorter table, so the cut is within one.
    yield "truncated", content[: len(content) // 2].rstrip(b"\n")
    yield "garbage", GARBAGE
    for foreign in FOREIGN[path.suffix]:
        if isinstance(foreign, bytes):
            yield "of the wrong kind", foreign
        elif foreign != name and (step.program, path.name) not in FITTING.get(foreign, ()):
            yield f"replaced by {foreign}", (results / foreign).read_bytes()
    if path.suffix not in CHECKED and step.program not in SLOW:
        generator = np.random.default_rng(len(content))
        for place, bit in generator.integers((len(content), 8), size=(FLIPS, 2)):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            yield "with a flipped bit", bytes(flipped)


def replace(path: Path, content: Path | bytes | None) -> None:
    """Put other content, a folder or nothing in the place of a file or folder."""
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    if isinstance(content, Path):
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)


def attempt(step: Step, results: Path, out: Path, capsys) -> str | None:
    """Run a step; return the line in which it refuses, or None where it comes to its end."""
    shutil.rmtree(out, ignore_errors=True)
    capsys.readouterr()
    try:
        step.run(results, out)
    except SystemExit as stopped:
        line = capsys.readouterr().err
        assert stopped.code == 1
        assert re.fullmatch(r"error: .+\n", line), line
        return line
    finally:
        assert not [*out.rglob(".*.part")]
    return None


@pytest.mark.parametrize("pair", sorted(PAIRS), ids="-".join)
def test_a_damaged_input_is_reported_in_one_line_that_says_what_to_do(
    pair, results, tmp_path, capsys
):
    step, name = PAIRS[pair]
    path = results / name
    content = path.read_bytes()
    try:
        for kind, damage in damages(step, name, results):
            replace(path, damage)
            line = attempt(step, results, tmp_path / "out", capsys)
            if line is None and kind == "with a flipped bit":
                continue
            assert line, kind
            assert not [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
            if name.startswith(GIVEN):
                assert "delete" not in line
            elif kind not in {"missing", "a folder"} and not kind.startswith("replaced"):
                assert line.endswith(f"{ADVICE}\n")
            # Where two files do not belong together, either may be the one to blame.
            assert path.name in line or kind.endswith((".parquet", "/shape.npz"))
    finally:
        replace(path, content)
