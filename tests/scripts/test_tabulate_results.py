"""The program tabulate_results."""

import json

import pytest

import tabulate_results

HISTORY = "epoch,seconds,accuracy,loss,val_accuracy,val_loss\n"


def write(folder, layers, fold, epochs=2):
    metrics = {"layers": layers, "nodes": 100, "fold": fold, "seed": 422, "epochs": epochs,
               "training_seconds": 1.25, "cpu_seconds": 1.5, "accuracy": 0.1, "val_accuracy": 0.2,
               "val_loss": 0.3, "best_epoch": 1, "best_val_accuracy": 0.25, "parameters": 99,
               "images_per_second": 1000, "device": "CPU", "versions": {"numpy": "2"}}  # fmt: skip
    (folder / f"{layers}-{fold}.json").write_text(json.dumps(metrics))
    rows = (f"{epoch},0.5,0.1,{layers}.5,0.2,0.30000001192092896\n" for epoch in (1, 2))
    (folder / f"{layers}-{fold}.csv").write_text(HISTORY + "".join(rows))
    score = {"layers": layers, "nodes": 100, "rows": 4, "score": 0.75 if layers == 2 else None}
    (folder / f"Model-{layers}.json").write_text(json.dumps(score))


def tabulate(folder, trials):
    tabulate_results.main(
        ["--metrics", *(f"{folder}/{layers}-{fold}.json" for layers, fold in trials),
         "--history", *(f"{folder}/{layers}-{fold}.csv" for layers, fold in trials),
         "--scores", *(f"{folder}/Model-{layers}.json" for layers in {t[0] for t in trials}),
         "--results", f"{folder}/out/results.csv", "--histories", f"{folder}/out/history.csv"]
    )  # fmt: skip
    return [(folder / f"out/{name}.csv").read_text() for name in ("results", "history")]


TRIALS = [(10, 0), (2, 1), (2, 0)]


@pytest.fixture
def trials(tmp_path):
    for trial in TRIALS:
        write(tmp_path, *trial)
    return tmp_path


def test_the_tables_are_as_agreed(trials):
    results, history = tabulate(trials, TRIALS)
    common = "422,2,1.25,1.5,0.1,0.2,0.3,1,0.25,99,1000,CPU"
    assert results == (
        "layers,nodes,fold,seed,epochs,training_seconds,cpu_seconds,accuracy,val_accuracy,"
        "val_loss,best_epoch,best_val_accuracy,parameters,images_per_second,device,score,"
        "kaggle_score\n"
        f"2,100,0,{common},0.75,\n2,100,1,{common},0.75,\n10,100,0,{common},,\n"
    )
    assert history == (
        "layers,nodes,fold,seed,epoch,seconds,accuracy,loss,val_accuracy,val_loss\n"
        + "".join(
            f"{layers},100,{fold},422,{epoch},0.5,0.1,{layers}.5,0.2,0.30000001192092896\n"
            for layers, fold in ((2, 0), (2, 1), (10, 0))
            for epoch in (1, 2)
        )
    )


def test_the_order_of_the_files_does_not_matter(trials):
    assert tabulate(trials, TRIALS) == tabulate(trials, TRIALS[::-1])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("failing", [[(2, 1)], [(2, 1), (2, 0)], TRIALS])
def test_trials_that_failed_have_rows_without_results(trials, failing):
    for layers, fold in failing:
        path = trials / f"{layers}-{fold}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"failed": "epoch 1: nan"}))
        (trials / f"{layers}-{fold}.csv").write_text(HISTORY)
    results, history = tabulate(trials, TRIALS)
    for layers, fold in TRIALS:
        row = f"{layers},100,{fold},422,2,1.25,1.5,0.1,0.2,0.3,1,0.25,99,1000,CPU"
        row += ",0.75," if layers == 2 else ",,"
        if (layers, fold) in failing:
            row = f"{layers},100,{fold},422,2,1.25,1.5,,,,,,99,,CPU,,"
        assert row in results.splitlines()
    assert len(history.splitlines()) == 1 + 2 * (len(TRIALS) - len(failing))
