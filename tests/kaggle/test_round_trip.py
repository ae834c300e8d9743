"""An experiment from the download of its data to Kaggle's scores in its report."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from kaggle_stub import ENVIRONMENT, KEY, OTHERS, Kaggle, serve
from sklearn.datasets import load_digits

ROOT = Path(__file__).parents[2]
CONFIG = {
    "experiment": "own",
    "dataset": {
        "source": "kaggle",
        "competition": "Kannada-MNIST",
        "train": "data/raw/train.csv",
        "test": "data/raw/test.csv",
        "image_shape": [8, 8],
        "ignore": ["id"],
        "submission": {"id": "id", "label": "label"},
    },
    "cross_validation": {"splits": 3, "folds": [0]},
    "augmentation": {"copies": 0},
    "design": {"layers": [1, 2], "nodes": [8], "seeds": [5]},
    "training": {"epochs": 2, "learning_rate": 0.1, "device": "cpu"},
    "published": "published",
    "kaggle_scores": "scores.tsv",
}
TEST = 60
IDS = [str(7 * number) for number in range(TEST)]


def lines(rows):
    return "".join(",".join(map(str, row)) + "\r\n" for row in rows).encode()


@pytest.fixture
def kaggle(monkeypatch, tmp_path):
    """Kaggle with a competition of small digits that have ids, which it scores by their labels."""
    pytest.importorskip("kaggle", reason="make kaggle installs the package kaggle")
    digits = load_digits()
    images = np.round(digits.images * 255 / 16).astype(int).reshape(-1, 64)[:360]
    names = [f"pixel{number}" for number in range(64)]
    train = [[label, *image] for label, image in zip(digits.target, images[:-TEST], strict=False)]
    files = {
        "train.csv": lines([["label", *names], *train]),
        "test.csv": lines(
            [
                ["id", *names],
                *([id_, *image] for id_, image in zip(IDS, images[-TEST:], strict=True)),
            ]
        ),
    }
    truth = digits.target[360 - TEST : 360]

    def score(content):
        header, *rows = csv.reader(content.decode().splitlines())
        ids, labels = zip(*rows, strict=True)
        assert (header, list(ids)) == (["id", "label"], IDS)
        return np.mean(np.array(labels, int) == truth)

    state = Kaggle(files=files, score=score, left=1)
    server = serve(state)
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
    home = {"HOME": str(tmp_path / "home")}
    proxy = {"http_proxy": f"http://127.0.0.1:{server.server_address[1]}"}
    for name, value in (ENVIRONMENT | home | proxy).items():
        monkeypatch.setenv(name, value)
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(kaggle, tmp_path):
    """Run Snakemake in a folder of its own, and return its exit status and what it printed."""
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(CONFIG))
    (tmp_path / "scores.tsv").write_text("submission\tscore\nModel-2L8N.csv\t0.5\n")
    (tmp_path / "published").mkdir()
    (tmp_path / "published/results.csv").write_text(
        "layers,nodes,val_accuracy,kaggle_score\n1,8,0.5,0.25\n"
    )
    (tmp_path / "published/history.csv").write_text(
        "layers,nodes,epoch,accuracy,loss,val_accuracy,val_loss\n1,8,1,0.4,1.6,0.5,1.5\n"
    )
    profile = ("--workflow-profile", str(ROOT / "profiles/default"))
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), *profile]

    def run(*arguments):
        cores = str(len(os.sched_getaffinity(0)))
        done = subprocess.run(
            [*command, "--configfile", "own.yaml", "--cores", cores, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def scores(folder):
    with (folder / "results/own/tables/results.csv").open(newline="") as file:
        return [row["kaggle_score"] for row in csv.DictReader(file)]


def test_an_experiment_goes_to_kaggle_and_back(run, kaggle, tmp_path):
    # All of the experiment, without a word to Kaggle but for the download.
    status, output = run()
    assert status == 0, output
    assert set(kaggle.calls) == {"ListDataFiles", "DownloadDataFiles", "storage"}
    assert scores(tmp_path) == ["", "0.5"]  # got by hand

    # The daily limit allows one submission.
    status, output = run("--", "submit")
    assert status == 1
    assert "error: the daily limit of Kaggle is reached (1 submission today); left: Model-2L8N" in (
        output
    )
    kaggle.left = 5
    status, output = run("--", "submit")
    assert status == 0, output
    assert "Model-2L8N.csv: public score" in output
    assert kaggle.calls.count("CreateSubmission") == 2
    assert "Nothing to be done" in run("-n", "--", "submit")[1]

    # The scores come into the table and the page, and nothing is trained again.
    status, output = run()
    assert status == 0, output
    assert "training" not in output
    found = json.loads((tmp_path / "results/own/submissions/kaggle.json").read_text())["scores"]
    assert scores(tmp_path) == [str(score) for score in found.values()]
    page = (tmp_path / "results/own/report/index.html").read_text()
    for score in found.values():
        assert f"<td>{score:.5f}<small>" in page
    assert "0.25000</small>" in page
    assert "Nothing to be done" in run("-n")[1]

    # A changed program keeps the zip that is there, and no secret is in anything that was written.
    calls = len(kaggle.calls)
    status, output = run("--forcerun", "download_competition", "--until", "ingest_images")
    assert status == 0, output
    assert len(kaggle.calls) == calls
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_without_a_competition_the_target_submit_says_what_is_missing(run, kaggle):
    status, output = run(
        "-n", "--config", "dataset={competition: null, source: files}", "--", "submit"
    )
    lines = [line for line in output.splitlines() if line.startswith("error:")]
    expected = "expected the name of a competition to submit to"
    assert status == 1
    assert f"error: config: dataset.competition: {expected}" in lines
    assert "Traceback" not in output
    assert kaggle.calls == []
