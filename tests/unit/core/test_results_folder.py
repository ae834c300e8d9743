"""Where the files of an experiment are: the paths that scripts and people rely on."""

import re
from pathlib import Path

import pytest
from rule_files import ROOT, section

from digits.core.design import ENSEMBLE, Design
from digits.core.errors import DataError
from digits.core.results_folder import ResultsFolder

SIZES = Design({"layers": (2, 5), "nodes": (100, 200)}, folds=(0, 1), seeds=(422,))
MORE = Design(
    {"layers": (2,), "nodes": (16,), "optimizer": ("sgd", "adamw"), "shear": (0.0, 0.25)},
    folds=(0, 1),
    seeds=(1, 2),
    exclude=({"optimizer": "sgd", "shear": 0.25},),
    tensors=("shear",),
)
RESULTS = Path("results/demo")
PARTS = ("train", "validation")
FOLDER, FACTORS = ResultsFolder(RESULTS, SIZES), ResultsFolder(RESULTS, MORE)
TRIAL = (5, 200, 1, 422)
OTHER = (2, 16, "adamw", 0.25, 0, 2)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("model", "model.keras"),
        ("history", "history.csv"),
        ("metrics", "metrics.json"),
        ("validation", "validation.parquet"),
        ("test", "test.parquet"),
    ],
)
def test_the_files_of_a_trial_are_in_its_folder_below_that_of_its_cell(name, file):
    cells = "results/demo/cells"
    assert getattr(FOLDER, name)(TRIAL) == Path(
        f"{cells}/layers-5_nodes-200/fold-1_seed-422/{file}"
    )
    levels = "layers-2_nodes-16_optimizer-adamw_shear-0.25"
    assert getattr(FACTORS, name)(OTHER) == Path(f"{cells}/{levels}/fold-0_seed-2/{file}")


def test_submissions_are_named_by_their_models():
    assert FOLDER.submission("5L200N") == RESULTS / "submissions/Model-5L200N.csv"
    assert FOLDER.score("5L200N") == RESULTS / "submissions/Model-5L200N.json"
    assert FOLDER.submission(ENSEMBLE) == RESULTS / "submissions/Model-ensemble.csv"


def test_what_was_submitted_is_in_a_table_that_no_rule_makes():
    assert FOLDER.kaggle_scores == RESULTS / "tables/kaggle_scores.csv"


def test_there_is_a_score_for_each_cell_in_order_and_for_the_ensemble():
    models = ["2L100N", "2L200N", "5L100N", "5L200N", "ensemble"]
    paths = [RESULTS / f"submissions/Model-{model}.json" for model in models]
    assert list(FOLDER.scores.items()) == list(zip(models, paths, strict=True))
    assert list(FACTORS.scores) == [
        "2L16N_optimizer-sgd_shear-0",
        "2L16N_optimizer-adamw_shear-0",
        "2L16N_optimizer-adamw_shear-0.25",
        "ensemble",
    ]


def test_the_parts_of_a_fold_are_the_same_for_all_cells():
    for folder in (FOLDER, FACTORS):
        assert folder.part(1, "train") == RESULTS / "folds/fold-1/train.parquet"
        assert folder.part(1, "validation") == RESULTS / "folds/fold-1/validation.parquet"


def test_cells_that_differ_in_no_key_of_the_augmentation_share_their_tensors():
    assert (
        FOLDER.tensor((5, 200), 1) == FOLDER.tensor((2, 100), 1) == RESULTS / "tensors/fold-1.npz"
    )
    assert FOLDER.check((5, 200), 1) == RESULTS / "folds/fold-1/check.json"
    still = [FACTORS.tensor((2, 16, optimizer, 0.0), 0) for optimizer in ("sgd", "adamw")]
    assert still == [RESULTS / "tensors/shear-0/fold-0.npz"] * 2


def test_cells_that_differ_in_a_key_of_the_augmentation_have_tensors_of_their_own():
    cell = (2, 16, "adamw", 0.25)
    assert FACTORS.tensor(cell, 0) == RESULTS / "tensors/shear-0.25/fold-0.npz"
    assert FACTORS.check(cell, 0) == RESULTS / "folds/fold-0/shear-0.25/check.json"


def test_the_plots_of_a_cell_are_in_a_folder_of_their_own():
    plots = RESULTS / "plots/cells"
    assert FOLDER.cell_plot((5, 200), "learning") == plots / "layers-5_nodes-200/learning.svg"


def test_no_two_trials_have_a_file_in_common():
    trials = list(MORE.trials)
    names = ("model", "history", "metrics", "validation", "test")
    paths = {getattr(FACTORS, name)(trial) for name in names for trial in trials}
    assert len(paths) == len(names) * len(trials) == 60


def test_the_files_of_a_cell_are_the_same_in_its_own_design():
    own = ResultsFolder(RESULTS, MORE.only(OTHER[:-2]))
    assert own.metrics(OTHER) == FACTORS.metrics(OTHER)
    assert own.tensor(OTHER[:-2], 0) == FACTORS.tensor(OTHER[:-2], 0)
    assert own.score("2L16N_optimizer-adamw_shear-0.25") in FACTORS.scores.values()


def test_the_design_is_that_of_a_file_or_of_text(tmp_path):
    (tmp_path / "design.json").write_text(MORE.as_text())
    assert ResultsFolder.of(RESULTS, tmp_path / "design.json") == FACTORS
    assert ResultsFolder.of(RESULTS, MORE.as_text()) == FACTORS
    with pytest.raises(DataError, match=r"none\.json"):
        ResultsFolder.of(RESULTS, tmp_path / "none.json")


RULES = ("split_folds", "augment_fold", "check_fold", "train_cell", "predict_cell",
         "write_submissions", "write_ensemble", "plot_cells")  # fmt: skip


def resolved(text: str, variables: dict[str, str]) -> str:
    return re.sub(r"<(\w+)>", lambda found: resolved(variables[found[1]], variables), text)


def path_in(function: str) -> str:
    """Return the path that a function of the rules makes, with its name and its wildcards."""
    body = (ROOT / "workflow/rules/common.smk").read_text().partition(f"def {function}(")[2]
    path = re.search(r'f"(<\w+>/.+?)"', body)[1].replace("{{", "{").replace("}}", "}")
    return path.replace("{DESIGN.cell_folder(cell)}", "{cell}")


def written(design: Design) -> set[Path]:
    """Return the outputs of rules for all trials, from what their files say."""
    variables = dict(re.findall(r'^    (\w+)="(.+?)"', (ROOT / "Snakefile").read_text(), re.M))
    variables |= {"results": str(RESULTS), "augmentation": "{augmentation}/" * bool(design.tensors)}
    paths = set()
    for rule in RULES:
        outputs = section(rule, "output")
        texts = re.findall(r'"(<\w+>/.+?)"', outputs)
        for function, name in re.findall(r'(of_trials|plots_of_cells)\("(.+?)"', outputs):
            texts.append(path_in(function).replace("{name}", name))
        for text in texts:
            pattern = resolved(text, variables)
            for *levels, fold, seed in design.trials:
                cell = tuple(levels)
                names = {"cell": design.cell_folder(cell), "model": design.model_name(cell)}
                names |= {"augmentation": design.tensor_folder(cell), "fold": fold, "seed": seed}
                paths.add(Path(pattern.format(**names)))
    return paths


@pytest.mark.parametrize("design", [SIZES, MORE], ids=["sizes", "more factors"])
def test_rules_write_the_files_where_programs_look_for_them(design):
    folder = ResultsFolder(RESULTS, design)
    trial = (folder.model, folder.history, folder.metrics, folder.validation, folder.test)
    expected = {path(each) for path in trial for each in design.trials}
    models = [*design.models, ENSEMBLE]
    expected |= {path(model) for path in (folder.submission, folder.score) for model in models}
    expected |= {folder.part(fold, part) for fold in design.folds for part in PARTS}
    for cell in design.cells:
        expected |= {path(cell, fold) for path in (folder.tensor, folder.check) for fold in (0, 1)}
        expected |= {folder.cell_plot(cell, name) for name in ("confusion", "learning")}
    assert written(design) == expected
