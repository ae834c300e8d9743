"""The report page of many kinds of designs: small, repeated, failed, scored, unscored."""

import pytest
from html_page import Page
from report_files import CELLS, MESSAGE, Files

BY = "\N{MULTIPLICATION SIGN}"


def open_page(folder, **design):
    return Page(Files(folder, **design).prepare().write())


def named(page, name="results-table"):
    head, *rows = page.tables[name]
    full = [row for row in rows if len(row) == len(head)]
    return {row[0].replace("\xa0", " "): dict(zip(head, row, strict=True)) for row in full}


def text_of(page):
    return page.words().replace("\xa0", " ")


@pytest.mark.parametrize(
    ("seeds", "folds", "failed"),
    # Every pair of values occurs.
    [
        *(((1,), (0,), failed) for failed in ((), ((3, 200),))),
        *(((1, 2), (0, 2), failed) for failed in ((), ((3, 200),))),
        *(((1,), (0, 2), failed) for failed in (((2, 100, 0, 1),), CELLS)),
        *(((1, 2), (0,), failed) for failed in (((2, 100, 0, 1),), CELLS)),
    ],
)
def test_whatever_the_design_there_is_a_page_without_gaps(tmp_path, seeds, folds, failed):
    page = open_page(tmp_path, seeds=seeds, folds=folds, failed=failed)
    words = text_of(page).replace("this page", "")
    assert "nan" not in words.replace("the loss is nan", "").lower().split()
    assert "None" not in words
    assert "()" not in words
    links = {attributes["href"].removeprefix("#") for attributes in page.all("a")}
    assert links <= {attributes.get("id") for _, attributes in page.elements}
    assert not [rows for rows in page.tables.values() if len(rows) < 2]


def test_a_page_without_plots_scores_or_published_figures_does_not_speak_of_them(tmp_path):
    page = open_page(tmp_path)
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert not {"published", "learning", "errors", "try", "graph"} & ids
    assert len(page.all("img")) == len(page.all("figure")) == 2 * len(CELLS)  # those of cells
    assert "published" not in text_of(page).lower()
    assert not {"Test score", "Kaggle score", "Trainings"} & set(page.tables["results-table"][0])


def test_several_trainings_give_mean_deviation_and_the_tests_over_them(tmp_path):
    page = open_page(tmp_path, folds=(0, 1, 2))
    row = named(page)[f"2 {BY} 100 front"]
    assert "Trainings" not in row  # each cell has three
    assert row["Accuracy (%)"].startswith("76.67± 1.67")  # 45, 46 and 47 of 60
    assert row["Parameters"] == "200"
    deciding = [row["Test"] for row in named(page, "pairs-table").values()]
    assert set(deciding) == {"t over trainings, pooled", "t over trainings"}
    others = {row["Test"] for row in named(page, "other-tests-table").values()}
    assert others == {"McNemar, score"}
    kinds = {row[0] for row in page.tables["effects-table"][1:]}
    assert "analysis of variance" in kinds
    words = text_of(page)
    assert "Trainings, 3 per cell 12" in words
    assert "cover other trainings" not in words  # there is no plot here
    assert "Nadeau and Bengio" in words
    assert "With one training per cell" not in words


def test_known_scores_are_shown(tmp_path):
    rows = named(open_page(tmp_path, score=0.91234))
    assert {row["Test score"] for row in rows.values()} == {"0.91234"}


def test_one_cell_alone_is_not_compared(tmp_path):
    page = open_page(tmp_path, factors={"layers": (2,), "nodes": (100,)})
    words = text_of(page)
    assert f"2 {BY} 100 is the only cell with a result" in words
    assert "Fewer than two cells have a result, so there is nothing to compare." in words
    assert list(named(page)) == [f"2 {BY} 100"]  # no mark, no ensemble
    assert "Marks" not in words


def test_a_cell_that_failed_is_marked_with_its_message_and_is_no_best_one(tmp_path):
    files = Files(tmp_path, failed=((2, 200),)).prepare()
    text = files.write()
    page = Page(text)
    row = named(page)[f"2 {BY} 200"]
    assert (row["Accuracy (%)"], row["Parameters"]) == ("failed", "400")
    assert {row[name] for name in ("Epochs", "ECE (%)", "p, adjusted")} == {"\N{EN DASH}"}
    (note,) = [row for row in page.tables["results-table"] if len(row) == 1]
    assert note[0].replace("\xa0", " ") == (
        f"2 {BY} 200: The training failed. Fold 0, seed 1: {MESSAGE}."
    )
    words = text_of(page)
    assert f"3 {BY} 200 has the highest validation accuracy" in words
    assert f"2 {BY} 200 has no result, as all trainings failed." in words
    assert "Trainings failed 1 of 4" in words
    assert f"nodes The training failed. Fold 0, seed 1: {MESSAGE}." in words
    assert "<b>" not in text
    assert "every epoch finished before the training failed" in words
    assert "layers-2_nodes-200-classes" not in page.tables
    assert page.tables["layers-2_nodes-200-epochs"][1][0] == "1"


def test_a_failed_training_beside_good_ones_leaves_the_cell_its_figures(tmp_path):
    page = open_page(tmp_path, seeds=(1, 2, 3), failed=((2, 100, 0, 1),))
    row = named(page)[f"2 {BY} 100 front"]
    assert row["Trainings"] == "2 of 3"
    assert row["Accuracy (%)"].startswith("77.50± ")  # 46 and 47 of 60
    (note,) = [row for row in page.tables["results-table"] if len(row) == 1]
    assert "1 of 3 trainings failed; the figures are for the others." in note[0]
    assert f"2 {BY} 100 is based on fewer trainings, as some failed." in text_of(page)
    epochs = page.tables["layers-2_nodes-100-epochs"]
    assert [row[4] for row in epochs[1:]] == ["50.00", "50.00"]  # none of the failed training


def test_trainings_that_failed_for_one_reason_are_listed_together(tmp_path):
    words = text_of(open_page(tmp_path, folds=(0, 1), seeds=(1, 2), failed=((2, 100),)))
    assert (
        "All 4 trainings failed. Fold 0, seed 1; fold 0, seed 2; fold 1, seed 1; fold 1, seed 2:"
        f" {MESSAGE}."
    ) in words


def test_if_all_trainings_failed_the_page_says_so(tmp_path):
    published = "layers,nodes,val_accuracy\n2,100,0.9512\n"
    page = open_page(tmp_path, failed=CELLS, published=published)
    words = text_of(page)
    assert "No training ended with a result, so there is nothing to compare." in words
    assert "Trainings failed 4 of 4" in words
    assert [row["Accuracy (%)"] for row in named(page).values()] == ["failed"] * 4
    (row,) = named(page, "published-table").values()
    assert row["Validation accuracy (%)"] == "failed, published 95.12"
    assert row["95% interval of its difference (points)"] == "\N{EN DASH}"
    assert not {"effects-table", "pairs-table"} & set(page.tables)
    assert not [name for name in page.tables if name.endswith("-classes")]


def test_factors_of_any_name_and_kind_have_columns_sentences_and_settings(tmp_path):
    factors = {"layers": (2,), "nodes": (9,), "optimizer": ("sgd", "adam"), "dropout": (0.0, 0.5)}
    page = open_page(tmp_path, factors=factors, folds=(0, 1, 2), score=0.9)
    head, *rows = page.tables["results-table"]
    assert head[:3] == ["Optimizer", "Dropout", "Accuracy (%)"]
    assert {(row[0].split()[-1], row[1]) for row in rows if row[1] != "\N{EN DASH}"} <= {
        (mark, level) for mark in ("sgd", "adam", "best", "pick", "front") for level in ("0", "0.5")
    }
    words = text_of(page)
    assert f"optimizer {BY} dropout" in words
    assert "How do the optimizer and the dropout affect the accuracy" in words
    assert "minimised by sgd or adam with learning rate 0.01" in words
    assert "dropout with a rate of 0 or 50% in training" in words
    assert "an average of networks usually scores more than one of them" in words
