"""The program tabulate_results."""

import json

import pytest
from made_trials import HEADER, IDENTITIES, MIXED, Trials

import tabulate_results
from digits.core.design import Design
from digits.core.errors import DataError
from digits.evaluation.kaggle_scores import Row, sha256_of, write_rows

EPOCHS = "epoch,seconds,accuracy,loss,val_accuracy,val_loss\n"
RESULTS = (
    "epochs,training_seconds,cpu_seconds,accuracy,val_accuracy,val_loss,best_epoch,"
    "best_val_accuracy,parameters,images_per_second,device,score,kaggle_score\n"
)
METRICS = {
    "epochs": 2, "training_seconds": 1.25, "cpu_seconds": 1.5, "accuracy": 0.1,
    "val_accuracy": 0.2, "val_loss": 0.3, "best_epoch": 1, "best_val_accuracy": 0.25,
    "parameters": 99, "images_per_second": 1000, "device": "CPU", "versions": {"numpy": "2"},
    "failed": None,
}  # fmt: skip
COMMON = "2,1.25,1.5,0.1,0.2,0.3,1,0.25,99,1000,CPU"
DESIGN = Design({"layers": (2, 10), "nodes": (100,)}, folds=(0, 1), seeds=(422,))


def made(folder, design=DESIGN):
    """Write trials of two epochs, whose losses are their layers and a half; only 2L100N scores."""
    trials = Trials(folder, design)
    for trial in design.trials:
        trials.write(trial, **METRICS)
        rows = (f"{epoch},0.5,0.1,{trial[0]}.5,0.2,0.30000001192092896\n" for epoch in (1, 2))
        trials.results.history(trial).write_text(EPOCHS + "".join(rows))
    (folder / "submissions").mkdir()
    for model, cell in design.models.items():
        levels = dict(zip(design.factors, cell, strict=True))
        score = levels | {"rows": 4, "score": 0.75 if model == "2L100N" else None}
        trials.results.score(model).write_text(json.dumps(score))
    return trials


def tabulate(trials, *more):
    tables = [trials.path / f"tables/{name}.csv" for name in ("results", "history")]
    tabulate_results.main([*trials.given, f"--table={tables[0]}", f"--history={tables[1]}", *more])
    return [path.read_text() for path in tables]


def test_the_tables_are_as_agreed(tmp_path):
    results, history = tabulate(made(tmp_path))
    assert results == (
        f"layers,nodes,fold,seed,{RESULTS}"
        f"2,100,0,422,{COMMON},0.75,\n2,100,1,422,{COMMON},0.75,\n"
        f"10,100,0,422,{COMMON},,\n10,100,1,422,{COMMON},,\n"
    )
    assert history == (
        f"layers,nodes,fold,seed,{EPOCHS}"
        + "".join(
            f"{layers},100,{fold},422,{epoch},0.5,0.1,{layers}.5,0.2,0.30000001192092896\n"
            for layers in (2, 10)
            for fold in (0, 1)
            for epoch in (1, 2)
        )
    )


def test_the_order_of_folds_and_seeds_does_not_matter(tmp_path):
    tables = []
    for name, step in (("one", 1), ("other", -1)):
        design = Design(DESIGN.factors, folds=(0, 1)[::step], seeds=(3, 4)[::step])
        tables.append(tabulate(made(tmp_path / name, design)))
    assert tables[0] == tables[1]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("failing", [1, 2, 4])
def test_trials_that_failed_have_rows_without_results(tmp_path, failing):
    trials = made(tmp_path)
    failed = list(DESIGN.trials)[:failing]
    trials.fail(*failed)
    for trial in failed:
        trials.results.history(trial).write_text(EPOCHS)
    results, history = tabulate(trials)
    for trial in DESIGN.trials:
        identity = ",".join(map(str, trial))
        row = f"{identity},{COMMON}" + (",0.75," if trial[0] == 2 else ",,")
        if trial in failed:
            row = f"{identity},2,1.25,1.5,,,,,,99,,CPU,,"
        assert row in results.splitlines()
    assert len(history.splitlines()) == 1 + 2 * (4 - failing)


def test_trials_of_any_factors_are_tabulated_in_the_order_of_the_design(tmp_path):
    trials = made(tmp_path, MIXED)
    score = trials.results.score("2L8N_optimizer-adamw_dropout-0")
    score.write_text(json.dumps({"rows": 4, "score": 0.5}))
    results, history = tabulate(trials)
    scores = ["", "", "0.5", "0.5", "", ""]
    assert results == f"{HEADER},{RESULTS}" + "".join(
        f"{trial},{COMMON},{score},\n" for trial, score in zip(IDENTITIES, scores, strict=True)
    )
    assert history == f"{HEADER},{EPOCHS}" + "".join(
        f"{trial},{epoch},0.5,0.1,2.5,0.2,0.30000001192092896\n"
        for trial in IDENTITIES
        for epoch in (1, 2)
    )


def test_kaggle_scores_are_those_of_the_submissions_as_they_are(tmp_path):
    trials = made(tmp_path)
    for model in DESIGN.models:
        trials.results.submission(model).write_text(f"{model}")
    row = Row(
        sha256_of(trials.results.submission("2L100N")), "", "some", 1, "", "complete", "0.977"
    )
    write_rows(trials.results.kaggle_scores, [row])
    (tmp_path / "scores.tsv").write_text(
        "submission\tscore\nModel-2L100N.csv\t0.5\nModel-10L100N.csv\t0.9\nModel-99L100N.csv\t0.1\n"
    )
    given = [
        f"--kaggle-scores={trials.results.kaggle_scores}",
        f"--scores-by-hand={tmp_path}/scores.tsv",
    ]

    def ends(*more):
        return [line.rpartition(",")[2] for line in tabulate(trials, *more)[0].splitlines()[1:]]

    assert ends() == ends("--kaggle-scores", "--scores-by-hand") == [""] * 4
    assert ends(*given) == ends(*given, "--competition=some") == ["0.977", "0.977", "0.9", "0.9"]
    assert ends(given[0], "--competition=other") == [""] * 4
    trials.results.submission("2L100N").write_text("trained again")
    assert ends(given[0]) == [""] * 4
    trials.fail(next(iter(DESIGN.trials)))
    assert ends(given[1]) == ["", "0.5", "0.9", "0.9"]


def test_a_trial_in_the_folder_of_another_is_told_and_nothing_is_written(tmp_path):
    trials = made(tmp_path)
    first, second, *_ = map(trials.results.metrics, DESIGN.trials)
    second.write_bytes(first.read_bytes())
    with pytest.raises(DataError, match=r"fold-1_seed-422/metrics.json: contains the metrics of"):
        tabulate(trials)
    assert not (tmp_path / "tables").exists()
