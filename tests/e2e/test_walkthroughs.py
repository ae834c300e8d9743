"""CONTRIBUTING's walk-throughs, applied to a copy of the project as they are written, and run."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from conftest import ROOT, snakemake

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`([\w/.]+\.(?:py|smk|rst|yaml))`")


def steps(title: str) -> Iterator[tuple[str, str, str]]:
    """Give the blocks of a section: the file named last before each, its kind and its text."""
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = contributing.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    for block in BLOCK.finditer(section):
        indent, kind, text = block.groups()
        file = FILE.findall(section[: block.start()])[-1]
        yield file, kind, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)


def apply(folder: Path, title: str) -> list[str]:
    """Follow a section: make its changes, put its other blocks at the ends of their files."""
    changed = []
    for file, kind, text in steps(title):
        path = folder / file
        before = path.read_text() if path.exists() else ""
        if kind == "diff":
            after = before
            for hunk in text.split("@@\n"):
                lines = hunk.splitlines(keepends=True)
                old = "".join(line[1:] for line in lines if line[0] != "+")
                new = "".join(line[1:] for line in lines if line[0] != "-")
                assert after.count(old) == 1, f"{file}: {old}"
                after = after.replace(old, new)
        else:
            after = f"{before}\n\n{text}" if before else text
        path.write_text(after)
        changed.append(file)
    return changed


def test_a_level_more_trains_the_cells_that_it_adds(copy):
    assert apply(copy, "Add a cell") == ["config/config.yaml"]
    command = [sys.executable, "-m", "snakemake", "--dry-run", "-p"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True)
    trained = re.findall(r"results/demo/cells/(\S+?)/\S+?/model\.keras", done.stdout)
    assert {cell for cell in trained if "nodes-400" in cell} == {
        f"layers-{layers}_nodes-400" for layers in (2, 3, 5)
    }


def test_a_plot_and_a_rule_are_made_as_contributing_says_and_train_nothing(copy):
    assert len(apply(copy, "Add a plot")) == len(apply(copy, "Add a rule")) + 1 == 5
    run = snakemake(copy, "--cores", "2", "-p")
    assert run.returncode == 0, run.stdout + run.stderr
    results = copy / "results" / "small"
    assert "<svg" in (results / "plots/results/best_epochs.svg").read_text()
    assert "Best epoch of each trial" in (results / "report/index.html").read_text()
    ranking = pd.read_csv(results / "tables/ranking.csv")
    assert ranking.columns.tolist() == ["row", "label", "missed"]
    assert ranking["missed"].is_monotonic_decreasing
    costs = pd.read_csv(results / "tables/costs.csv").set_index("rule")
    assert costs.loc["rank_images", "jobs"] == 1
    assert "rule rank_images:" in run.stdout + run.stderr
    assert not re.search(r"rule (train_cell|predict_cell|augment_fold):", run.stdout + run.stderr)
    again = snakemake(copy, "--cores", "2")
    assert "Nothing to be done" in again.stdout + again.stderr
