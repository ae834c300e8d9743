"""The program tabulate_classes."""

import numpy as np
import pandas as pd
from made_trials import HEADER, IDENTITIES, MIXED, Trials, drawn, sure

import tabulate_classes
from digits.core.design import Design

CLASS = "label,precision,recall,f1,support"
CONFUSION = "label,predicted,count"
DESIGN = Design({"layers": (2, 10), "nodes": (100,)}, seeds=(422,))
FIRST, SECOND = DESIGN.trials


def made(folder, design=DESIGN):
    """Write the predictions of two trials: some wrong; and none wrong, for fewer images."""
    trials = Trials(folder, design)
    # Class 0 is found 1 time of 2, class 1 once of 2, class 2 never; 2 of 4 zeros are said wrongly.
    answers = {FIRST: ([0, 0, 1, 1, 2], [0, 1, 1, 0, 0]), SECOND: ([0, 1, 2, 2], [0, 1, 2, 2])}
    for trial in design.trials:
        labels, predicted = answers[trial]
        trials.write(trial)
        trials.answer(trial, labels, sure(np.array(predicted), 3))
    return trials


def tabulate(trials, classes="3"):
    paths = [trials.path / f"tables/{name}.csv" for name in ("classes", "confusion")]
    tabulate_classes.main(
        [*trials.given, f"--classes={classes}", f"--class-table={paths[0]}",
         f"--confusion={paths[1]}"]
    )  # fmt: skip
    return [path.read_text() for path in paths]


def test_the_tables_are_as_computed_by_hand(tmp_path):
    classes, confusion = tabulate(made(tmp_path))
    third, f1 = 1 / 3, 0.4  # of class 0: precision 1/3, recall 1/2
    assert classes.splitlines() == [
        f"layers,nodes,fold,seed,{CLASS}",
        f"2,100,0,422,0,{third},0.5,{f1},2",
        "2,100,0,422,1,0.5,0.5,0.5,2",
        "2,100,0,422,2,0.0,0.0,0.0,1",
        "10,100,0,422,0,1.0,1.0,1.0,1",
        "10,100,0,422,1,1.0,1.0,1.0,1",
        "10,100,0,422,2,1.0,1.0,1.0,2",
    ]
    lines = confusion.splitlines()
    assert lines[0] == f"layers,nodes,fold,seed,{CONFUSION}"
    counts = [1, 1, 0, 1, 1, 0, 1, 0, 0]
    pairs = [(label, predicted) for label in range(3) for predicted in range(3)]
    assert lines[1:10] == [
        f"2,100,0,422,{label},{predicted},{count}"
        for (label, predicted), count in zip(pairs, counts, strict=True)
    ]


def test_the_order_of_the_levels_is_that_of_the_rows_and_changes_nothing_else(tmp_path):
    turned = Design({"layers": (10, 2), "nodes": (100,)}, seeds=(422,))
    one, other = (
        [table.splitlines() for table in tabulate(made(tmp_path / name, design))]
        for name, design in (("one", DESIGN), ("other", turned))
    )
    for table, rows in zip(one, other, strict=True):
        assert rows[1].startswith("10,")
        assert sorted(rows) == sorted(table)


def test_confusions_add_up_to_the_validation_images(tmp_path):
    tabulate(trials := made(tmp_path))
    table = pd.read_csv(trials.path / "tables/confusion.csv")
    assert table.groupby("layers")["count"].sum().to_dict() == {2: 5, 10: 4}


def test_trials_that_failed_are_left_out(tmp_path):
    alone = tabulate(made(tmp_path / "alone", DESIGN.only((2, 100))))
    trials = made(tmp_path / "both")
    trials.fail(SECOND)
    assert tabulate(trials) == alone


def test_if_all_trials_failed_the_tables_have_headers_alone(tmp_path):
    headers = [table.splitlines(keepends=True)[0] for table in tabulate(made(tmp_path / "made"))]
    assert tabulate(Trials(tmp_path / "failed", DESIGN)) == headers


def test_trials_of_any_factors_are_counted_in_the_order_of_the_design(tmp_path):
    trials = Trials(tmp_path, MIXED)
    labels = np.arange(30) % 3
    answers = {trial: drawn(trial, 30, 3) for trial in MIXED.trials}
    for trial, predicted in answers.items():
        trials.write(trial)
        trials.answer(trial, labels, sure(predicted, 3))
    classes, confusion = tabulate(trials, '["cat", "dog", "7"]')
    names = ["cat", "dog", "7"]
    found = zip(IDENTITIES, answers.values(), strict=True)
    expected, shares = [f"{HEADER},{CONFUSION}"], []
    for identity, predicted in found:
        for label in range(3):
            counts = [int(((labels == label) & (predicted == other)).sum()) for other in range(3)]
            expected += [
                f"{identity},{names[label]},{names[other]},{counts[other]}" for other in range(3)
            ]
            shares.append((f"{identity},{names[label]}", counts[label] / 10))
    assert confusion.splitlines() == expected
    recalls = [line.rsplit(",", 4) for line in classes.splitlines()]
    assert recalls[0][0] == f"{HEADER},label"
    assert [(line[0], float(line[2])) for line in recalls[1:]] == shares
    assert {line[4] for line in recalls[1:]} == {"10"}
