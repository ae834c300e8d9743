"""Images of other sizes whose labels are not 0 to 9: people see only their labels."""

import html
import json
from collections import Counter

import numpy as np
import pytest
from chain import CELL, Chain, Data, run_chain

from digits.evaluation.predictions import UNLABELLED, read_probabilities
from digits.plots.style import shortened

TEXTS = ["T-shirt/top", "Ankle boot, left", "$x^2$ & <b>", "NA", '"01"', "2", "Größe"]
DATA = {
    "like Fashion-MNIST": Data((28, 28), 10),
    "texts, upright": Data((32, 20), TEXTS, label="kind of thing", pixel="x 0", labelled=False),
    "62 classes": Data((8, 8), 62, pixel="0"),
    "letters from 1, in colour": Data((6, 5, 3), list(range(1, 27)), pixel="p0"),
    "two classes": Data((8, 8), [1, -1], label="y", pixel="f_1"),
}


@pytest.fixture(scope="module", params=DATA)
def run(request, tmp_path_factory) -> Chain:
    return run_chain(tmp_path_factory.mktemp("chain"), DATA[request.param])


def test_the_facts_count_what_stands_in_the_files(run):
    facts = json.loads((run.folder / "facts.json").read_text())
    assert facts["image_shape"] == list(run.data.shape)
    counts = facts["train"]["labels"]
    assert list(counts) == run.data.labels
    assert counts == Counter(row[0] for row in run.raw("train"))
    assert run.table("summary.csv")["label"].tolist() == [*run.data.labels, "all", "all"]


def test_the_submission_has_the_labels_of_the_most_probable_classes(run):
    _, probabilities = read_probabilities(run.folder / CELL / "test.parquet", UNLABELLED)
    expected = [run.data.labels[number] for number in probabilities.argmax(axis=1)]
    assert [row[1] for row in run.raw("submissions/Model-1L16N")] == expected
    score = json.loads((run.folder / "submissions/Model-1L16N.json").read_text())["score"]
    if run.data.labelled:
        truth = [row[0] for row in run.raw("test")]
        assert score == np.mean([a == b for a, b in zip(expected, truth, strict=True)])
    else:
        assert score is None


def test_predictions_tables_and_raw_rows_agree_on_labels(run):
    keys, probabilities = read_probabilities(run.folder / CELL / "validation.parquet")
    raw, labels = run.raw("train"), run.data.labels
    truth = [raw[row][0] for row in keys["row"]]
    assert truth == [labels[number] for number in keys["label"]]
    predicted = [labels[number] for number in probabilities.argmax(axis=1)]
    pairs = Counter(zip(truth, predicted, strict=True))
    confusion = run.table("confusion.csv")
    found = confusion.set_index(["label", "predicted"])["count"]
    assert found[found > 0].to_dict() == pairs
    assert run.table("classes.csv")["label"].tolist() == labels
    confused = run.table("confused.csv").query("model == 'all'")
    wrong = {pair: count for pair, count in pairs.items() if pair[0] != pair[1]}
    assert confused.set_index(["label", "predicted"])["count"].to_dict() == wrong
    hardest = run.table("hardest.csv")
    assert [raw[row][0] for row in hardest["row"]] == hardest["label"].tolist()
    assert set(hardest["predicted"]) | set(hardest["ensemble"]) <= set(labels)


def test_the_page_and_the_plots_are_given_the_labels(run):
    networks = json.loads((run.folder / "networks.json").read_text())
    assert networks["classes"] == run.data.labels
    assert (networks["drawing"] is None) == (len(run.data.shape) == 3)
    title = (run.folder / "confusions.svg").read_text().partition("</title>")[0]
    first = run.table("confused.csv").iloc[0]
    assert html.escape(f" {shortened(first.label)} predicted", quote=False) in title
