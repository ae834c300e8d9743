"""Results on a small disk of their own: full, then read-only, then with space again."""

import re
import shutil
import subprocess

import pytest
from conftest import copy_checkout, snakemake

PREDICTIONS = "results/small/cells/layers-2_nodes-16/fold-0_seed-5/test.parquet"


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(experiment, tmp_path):
    """A checkout whose results lie on a disk of 60 kB, a third of what PREDICTIONS need."""
    copy_checkout(experiment.folder, tmp_path, ["data", "published", ".cache", "small.yaml"])
    results = tmp_path / "results"
    results.mkdir()
    if not shutil.which("mount") or not mount("-t", "tmpfs", "-o", "size=60k", "none", results):
        pytest.skip("only root may mount a disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", results], check=True)


def test_a_full_disk_stops_the_run_and_with_room_again_it_goes_on(small_disk, experiment):
    results = small_disk / "results"
    run = ("--cores", "2", PREDICTIONS)
    full = snakemake(small_disk, *run)
    output = full.stdout + full.stderr
    assert full.returncode == 1
    assert "No space left on device" in output, output
    # What is there is whole: the same as without any trouble.
    kept = [path for path in results.rglob("*.parquet") if path.is_file()]
    for path in kept:
        theirs = experiment.results / path.relative_to(results / "small")
        assert path.read_bytes() == theirs.read_bytes()

    assert mount("-o", "remount,ro,size=100m", results)
    locked = snakemake(small_disk, *run)
    assert locked.returncode == 1
    assert re.search("Read-only file system", locked.stdout + locked.stderr)

    assert mount("-o", "remount,rw,size=100m", results)
    done = snakemake(small_disk, *run)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(results.rglob("*.part"))
    ours, theirs = small_disk / PREDICTIONS, experiment.folder / PREDICTIONS
    assert ours.read_bytes() == theirs.read_bytes()
