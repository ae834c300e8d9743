"""The program write_cards: two cards that are valid Markdown and say what the results say."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import yaml
from markdown_it import MarkdownIt
from results_folder import FACTS, finish, write

import write_cards
from digits.analysis.conclusions import answer
from digits.analysis.vocabulary import COMPARISONS, EFFECTS
from digits.config.configuration import complete
from digits.core.design import read_design
from digits.core.errors import DataError
from digits.core.formatting import UNKNOWN
from digits.core.intermediate_files import ADVICE
from digits.data.origin import KAGGLE_TRAIN

TEMPLATES = Path(__file__).parents[2] / "workflow" / "report"
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
BY = " \N{MULTIPLICATION SIGN} "
TRIALS = {
    (2, 16, 0, 5): {"accuracy": 0.7, "val_accuracy": 0.955, "score": 0.875},
    (2, 32, 0, 5): {"val_accuracy": 0.95, "best_val_accuracy": 0.952, "score": 0.9},
    (3, 16, 0, 5): {"val_accuracy": None, "failed": "epoch 1: the loss is <nan> | `x`\n# y"},
}


DESIGN = {"exclude": [{"layers": 3, "nodes": 32}]}
ONE = {"layers": [2], "nodes": [16]}


def experiment(folder: Path, trials=TRIALS, **sections) -> Path:
    """Write an experiment of three cells, or of what else the sections say."""
    finish(folder, trials, **{"design": DESIGN, **sections})
    config = yaml.safe_load((folder / "config.yaml").read_text())
    complete(config)
    write(folder / "config.yaml", yaml.safe_dump(config))
    return folder


def run(folder: Path, output: Path) -> dict[str, str]:
    """Write the cards of an experiment; return them by name."""
    names = ("cells", "ece", "classes", "summary")
    tables = [f"--{name}={folder}/tables/{name}.csv" for name in names]
    tables += [f"--table={folder}/tables/results.csv"]
    write_cards.main(
        [
            *tables,
            f"--facts={folder}/data/facts.json",
            f"--config={folder}/config.yaml",
            f"--results={folder}", f"--design={folder}/design.json",
            *(f"--{name}-template={TEMPLATES}/{name}_card.md.j2" for name in ("model", "data")),
            *(f"--{name}-card={output}/{name}.md" for name in ("model", "data")),
        ]
    )  # fmt: skip
    return {name: (output / f"{name}.md").read_text() for name in ("model", "data")}


@pytest.fixture
def cards(tmp_path):
    return run(experiment(tmp_path / "small"), tmp_path / "out")


def tables(markdown: str) -> list[list[list[str]]]:
    """Return the cells of each table; Markdown fills up short rows, so the source is counted."""
    found, rows = [], []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif rows:
            assert len({len(row) for row in rows}) == 1, rows
            found.append([rows[0], *rows[2:]])
            rows = []
    parsed = [token for token in MARKDOWN.parse(markdown) if token.type == "table_open"]
    assert len(parsed) == len(found)
    return found


def headings(markdown: str) -> list[str]:
    tokens = MARKDOWN.parse(markdown)
    return [text.content for token, text in pairwise(tokens) if token.type == "heading_open"]


def test_the_model_card_has_the_sections_of_mitchell_and_others(cards):
    assert headings(cards["model"]) == [
        "Model card: experiment small", "Model details", "Intended use", "Factors", "Metrics",
        "Evaluation data", "Training data", "Quantitative analyses", "Cells", "Classes",
        "Ethical considerations", "Caveats and recommendations",
    ]  # fmt: skip


def test_the_model_card_states_the_processors_of_the_trainings(tmp_path):
    trials = {trial: {"processor": f"EPYC {trial[0]}"} | more for trial, more in TRIALS.items()}
    card = run(experiment(tmp_path / "small", trials), tmp_path / "out")["model"]
    assert "; on CPU, processors EPYC 2 and EPYC 3." in card


def test_the_table_of_cells_has_the_numbers_of_the_results(cards):
    cells, classes = tables(cards["model"])
    assert cells[1:] == [
        [f"2{BY}16", "3,200", "1", "91.00", "90.00 to 92.00", "1.25", "0.20",
         "70.00", "95.50", "0.8750"],
        [f"2{BY}32", "6,400", "1", "95.20", "94.20 to 96.20", "1.25", "0.20",
         "80.00", "95.00", "0.9000"],
        [f"3{BY}16", "4,800", "0", *7 * [UNKNOWN]],
        ["ensemble", "14,400", "1", "95.20", UNKNOWN, "1.25", "0.20", *3 * [UNKNOWN]],
    ]  # fmt: skip
    assert classes[1:] == [
        [str(label), "0.9000", "0.8200", "0.8500", str(10 + label), "0.8200", "0.8200"]
        for label in range(3)
    ]


def test_the_best_cell_is_that_of_the_report_by_the_weights_that_were_kept(cards, tmp_path):
    cells = pd.read_csv(tmp_path / "small/tables/cells.csv")
    last = pd.read_csv(tmp_path / "small/tables/results.csv").set_index(["layers", "nodes"])
    none = (pd.DataFrame(columns=EFFECTS), pd.DataFrame(columns=COMPARISONS))
    sentence = answer(cells, *none, read_design(tmp_path / "small/design.json"))[0]
    assert sentence.replace("\N{NO-BREAK SPACE}", " ").startswith(
        f"2{BY}32 has the highest validation accuracy, 95.20%"
    )
    assert last["val_accuracy"].idxmax() == (2, 16)
    assert f"The most accurate is 2{BY}32 " in cards["model"]
    assert "its validation accuracy is 95.20%" in cards["model"]
    assert f"number of validation images of 2{BY}32, and" in cards["model"]


def test_a_training_that_failed_is_named_with_its_reason(cards):
    (line,) = [line for line in cards["model"].splitlines() if "the loss is" in line]
    assert line == (
        f"- 3{BY}16, fold 0, seed 5: epoch 1: the loss is &lt;nan&gt; \\| \\`x\\` \\# y"
    )


def test_the_mean_of_several_trials_has_its_spread(tmp_path):
    trials = {(2, 16, fold, 5): {"best_val_accuracy": 0.9 + 0.02 * fold} for fold in (0, 1, 2)}
    folder = experiment(
        tmp_path / "small", trials, design=ONE, cross_validation={"folds": [0, 1, 2]}
    )
    cards = run(folder, tmp_path / "out")
    assert tables(cards["model"])[0][1][2:5] == ["3", "92.00 ± 2.00", "91.00 to 93.00"]
    assert "Each cell was trained once" not in cards["model"]
    assert [row[0] for row in tables(cards["data"])[4][1:]] == ["0", "1", "2"]


def test_the_data_card_has_the_numbers_of_the_facts(cards):
    source, observed, classes, duplicates, folds, ranges = tables(cards["data"])
    assert {row[0]: row[1:] for row in source[1:]} == {
        "File": ["a.csv", "b.csv"],
        "Format": ["CSV", "CSV"],
        "SHA-256": ["a1" * 32, "b2" * 32],
        "Rows": ["70", "30"],
        "Columns": ["21", "20"],
        "Types": ["label: uint8, pixels: uint8", "pixels: uint8"],
        "Missing values": ["0", "0"],
    }
    assert [row[1:] for row in observed[1:4]] == [["0 to 255"] * 2, ["1.5"] * 2, ["40.5"] * 2]
    assert "- The separators are tabs." in cards["data"]
    assert [row[1:4] for row in classes[1:]] == [
        ["0", "40", "57.1%"], ["1", "20", "28.6%"], ["2", "10", "14.3%"], ["all", "70", "100.0%"]
    ]  # fmt: skip
    assert [row[1] for row in duplicates[1:]] == ["1", "2", "3", "4"]
    assert folds[1:] == [["0", "46", "322", "24"]]
    assert [re.findall(r"[\d.]+", row[1]) for row in ranges[1:]] == [["10.0"], ["18.0"], ["15.0"]]


def test_without_a_test_set_the_data_card_is_of_the_training_set_alone(tmp_path):
    folder = experiment(tmp_path / "one")
    copies = FACTS["duplicates"] | {"test": None, "test_in_train": None}
    facts = FACTS | {"test": None, "duplicates": copies}
    write(folder / "data/facts.json", json.dumps(facts))
    cards = run(folder, tmp_path / "out")
    source, observed, _, duplicates, *_ = tables(cards["data"])
    assert {len(row) for row in source + observed} == {2}
    assert [row[1] for row in duplicates[1:]] == ["1", "4"]
    assert "and none for testing" in cards["data"]
    assert "- **Test:** none; the validation images are all" in cards["model"]


def test_caveats_are_stated_where_they_apply(cards, tmp_path):
    for warning in (
        "Each cell was trained once",
        "3 test images",
        "4 training images",
        "imbalanced",
    ):
        assert warning in cards["model"]
    folder = experiment(tmp_path / "clean")
    facts = FACTS | {"duplicates": dict.fromkeys(FACTS["duplicates"], 0)}
    facts["train"] = facts["train"] | {"labels": {"0": 20, "1": 20, "2": 30}}
    write(folder / "data/facts.json", json.dumps(facts))
    clean = run(folder, tmp_path / "out")["model"]
    for warning in ("test images are also", "under another label", "imbalanced"):
        assert warning not in clean


DEMO = {name: f"data/demo/{name}.csv" for name in ("train", "test", "test_labels")} | {
    "source": "demo", "image_shape": [28, 28], "classes": 10,
}  # fmt: skip


def test_handwriting_is_mentioned_only_if_the_data_are_known(cards, tmp_path):
    assert not re.search("handwrit|MNIST|Kaggle", "".join(cards.values()))
    folder = experiment(tmp_path / "demo", dataset=DEMO)
    assert "handwritten" in run(folder, tmp_path / "out")["data"]
    folder = experiment(tmp_path / "kaggle")
    write(folder / "data/facts.json", json.dumps(FACTS).replace("a1" * 32, KAGGLE_TRAIN))
    assert "handwritten" in run(folder, tmp_path / "out")["model"]


def test_labels_that_are_no_numbers_are_counted_and_not_described_as_numbers(cards, tmp_path):
    assert "its label is an integer from 0. What" in cards["data"]
    config = tmp_path / "small/config.yaml"
    config.write_text(config.read_text().replace("classes: 3", "classes: [A, B, C]"))
    data = run(tmp_path / "small", tmp_path / "again")["data"]
    assert "pixels, in 3 classes" in data
    assert "after scaling as configured. What" in data
    assert "labels from 0" not in data


def test_hostile_names_break_nothing(cards, tmp_path):
    name = "a|b`c`\n## <script>alert(1)</script> [x](y) \x1b[31m\\|"
    folder = experiment(tmp_path / "odd")
    write(folder / "data/facts.json", json.dumps(FACTS).replace('"a.csv"', json.dumps(name)))
    odd = run(folder, tmp_path / "out")
    assert headings(odd["data"]) == headings(cards["data"])
    assert [len(table) for table in tables(odd["data"])] == [
        len(table) for table in tables(cards["data"])
    ]
    assert "<script" not in odd["data"]
    assert "<script" not in MARKDOWN.render(odd["data"])
    assert "alert(1)" in MARKDOWN.render(odd["data"])


def test_without_any_result_the_cards_say_so(tmp_path):
    failed = {(2, 16, 0, 5): {"val_accuracy": None, "accuracy": None, "failed": "epoch 1: nan"}}
    cards = run(experiment(tmp_path / "small", failed, design=ONE), tmp_path / "out")
    assert "No training ended with a result." in cards["model"]
    assert len(tables(cards["model"])) == 1


def test_the_same_results_give_the_same_bytes_and_times_do_not_matter(cards, tmp_path):
    slower = {
        key: changes | {"training_seconds": 99.0, "cpu_seconds": 88.0, "images_per_second": 7}
        for key, changes in TRIALS.items()
    }
    assert run(experiment(tmp_path / "slower", slower), tmp_path / "again") == cards


def test_a_configuration_that_is_not_whole_is_refused_and_nothing_is_written(tmp_path):
    folder = experiment(tmp_path / "small")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    for damaged, reason in (
        ({"experiment": "small"}, r"dataset: .*"),
        (config | {"seed": 1}, r".*seed.*"),
        ({key: config[key] for key in config if key != "published"}, "lacks the key published"),
    ):
        (folder / "config.yaml").write_text(yaml.safe_dump(damaged))
        with pytest.raises(DataError, match=rf"config\.yaml: {reason}{ADVICE}$"):
            run(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_cards_of_colours_say_so(tmp_path):
    folder = experiment(tmp_path / "small")
    facts = json.loads((folder / "data/facts.json").read_text())
    shape = facts["image_shape"]
    write(folder / "data/facts.json", json.dumps(facts | {"image_shape": [*shape, 3]}))
    cards = run(folder, tmp_path / "out")
    pixels = f" of {shape[0]} \N{MULTIPLICATION SIGN} {shape[1]} pixels in colour"
    assert f"{pixels} into" in cards["model"]
    assert "red, green and blue from 0 to 255" in cards["model"]
    assert f"{pixels}, in" in cards["data"]
    assert "three values per pixel, red, green and blue" in cards["data"]
    assert "All values are those of the luminance. Ink is" in cards["data"]
