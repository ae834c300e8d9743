"""Every program with every one of its inputs damaged: told in one line, with nothing half-written.

Parquet, NPZ and Keras files carry checksums: a flipped bit is found, or it lay where it changes
nothing. CSV, JSON, YAML and SVG carry none: a flipped bit that makes another valid value, such as
0.93 of 0.92, is not found; one that makes anything else is.
"""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from other_experiment import write_other
from small_experiment import STEPS, run_experiment

CHECKED = {".parquet", ".npz", ".keras"}
FOREIGN = {
    ".json": [b"[1]\n", b'{"a": 1}\n', b"null\n", b"[" * 100_000],
    ".csv": [b"a,b\n1,2\n", b'"\n', b"\n\n\n"],
    ".tsv": [b"a\tb\n1\t2\n"],
    ".yaml": [b"[1]\n", b"a: 1\n", b"{{{\n", b"[" * 5000],
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
        ("write_submission", "test.parquet"), ("describe_data", "test.parquet"),
        ("predict_cell", "test.parquet"), ("augment_fold", "validation.parquet"),
    },
    "other/classes.parquet": {
        ("augment_fold", "train.parquet"), ("augment_fold", "validation.parquet"),
        ("check_fold", "validation.parquet"), ("plot_errors", "validation.parquet"),
        ("predict_cell", "test.parquet"), ("predict_cell", "validation.parquet"),
    },
    "other/shape.parquet": {
        ("plot_data", "train.parquet"), ("plot_errors", "validation.parquet"),
        ("split_folds", "train.parquet"),
    },
    "other/validation-12.parquet": {
        ("analyse_design", "validation.parquet"), ("check_trials", "validation.parquet"),
    },
    "other/swapped.npz": {("plot_augmentation", "fold-0.npz"), ("train_cell", "fold-0.npz")},
    "other/shape.npz": {("plot_augmentation", "fold-0.npz")},
    "other/classes.keras": {("predict_cell", "model.keras")},
}  # fmt: skip
"""What will do for an input where a program uses nothing of it that is another, or cannot know."""

FLIPS = 5
SLOW = {"plot_data", "plot_cell", "plot_results", "plot_effects", "plot_errors"}
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


@pytest.fixture(params=sorted(PAIRS), ids=lambda pair: f"{pair[0]}-{pair[1]}")
def case(request, results):
    """A step and one of its inputs, which is put right again at the end."""
    step, name = PAIRS[request.param]
    path = results / name
    content = path.read_bytes()
    yield step, path, content
    replace(path, content)


def replace(path: Path, content: bytes | None) -> None:
    """Put other content, or none, in the place of a file or folder."""
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)


def attempt(step, results, out, capsys) -> str | None:
    """Run a step; return the line in which it refuses, or None where it comes to its end."""
    shutil.rmtree(out, ignore_errors=True)
    capsys.readouterr()
    try:
        step.run(results, out)
    except SystemExit as stopped:
        assert stopped.code == 1
        told = capsys.readouterr().err
        assert re.fullmatch(r"error: .+\n", told), told
        return told
    finally:
        assert not [*out.rglob(".*.part")]
    return None


def flipped(content: bytes, seed: int):
    """Give the content with one bit flipped, at places spread over it."""
    generator = np.random.default_rng(seed)
    for place, bit in zip(
        generator.integers(len(content), size=FLIPS), generator.integers(8, size=FLIPS), strict=True
    ):
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        yield bytes(damaged)


def same_outputs(step, results, out) -> bool:
    files = [path for path in out.rglob("*") if path.is_file() and path.suffix != ".npz"]
    return all(
        path.read_bytes() == (results / path.relative_to(out)).read_bytes() for path in files
    )


def test_what_is_not_there_or_is_no_such_file_is_told_by_name(case, results, tmp_path, capsys):
    step, path, content = case
    # A text that ends with a whole line may be a shorter table, so the cut is within one.
    half = content[: len(content) // 2].rstrip(b"\n")
    damages = [None, b"", half, b"\x89PNG\r\n\x1a\n" + bytes(range(256))]
    for damage in damages:
        replace(path, damage)
        told = attempt(step, results, tmp_path / "out", capsys)
        assert told, damage and damage[:20]
        assert path.name in told
    replace(path, None)
    path.mkdir()
    told = attempt(step, results, tmp_path / "out", capsys)
    assert told
    assert path.name in told


def test_a_file_of_another_step_or_experiment_is_told_by_name(case, results, tmp_path, capsys):
    step, path, _ = case
    for foreign in FOREIGN[path.suffix]:
        other = results / foreign if isinstance(foreign, str) else None
        if other == path or (other and (step.program, path.name) in FITTING.get(foreign, ())):
            continue
        replace(path, other.read_bytes() if other else foreign)
        told = attempt(step, results, tmp_path / "out", capsys)
        assert told, foreign
        # Where two inputs are at odds, either may be the one to blame.
        assert path.name in told or path.suffix == ".parquet" or foreign == "other/shape.npz", told


def test_a_flipped_bit_is_told_or_has_no_meaning(case, results, tmp_path, capsys):
    step, path, content = case
    if step.program in SLOW or step.program == "train_cell":
        pytest.skip("read as by the other programs; a drawing takes a second")
    for damaged in flipped(content, len(content)):
        replace(path, damaged)
        told = attempt(step, results, tmp_path / "out", capsys)
        if told is None and path.suffix in CHECKED:
            assert same_outputs(step, results, tmp_path / "out")
