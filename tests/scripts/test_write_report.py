"""The report page, written from small result files and read back as HTML."""

import json
import re
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import pytest
from html_page import Page

import write_report
from digits.errors import DataError

TEMPLATE = Path(__file__).parents[2] / "workflow" / "report" / "index.html.j2"
CELLS = {(2, 100): 0.95, (5, 200): 0.97}  # with their validation accuracies
BY = "\N{MULTIPLICATION SIGN}"
TRIAL = "layers,nodes,fold,seed"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"><title>{}</title></svg>'


def results_csv(seeds):
    columns = f"{TRIAL},epochs,training_seconds,cpu_seconds,accuracy,val_accuracy,parameters"
    rows = [
        f"{layers},{nodes},0,{seed},3,60.5,59.5,0.9,{accuracy + step},{layers * nodes}"
        for (layers, nodes), accuracy in CELLS.items()
        for seed, step in seeds
    ]
    lines = [f"{columns},images_per_second,score", *(f"{row},1234.4," for row in rows)]
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def folder(tmp_path):
    trials = [f"{layers},{nodes},0,1" for layers, nodes in CELLS]
    texts = {
        "results.csv": results_csv([(1, 0)]),
        "history.csv": "\n".join(
            [f"{TRIAL},epoch,seconds,accuracy,loss,val_accuracy,val_loss"]
            + [f"{trial},{epoch},20,0.{epoch},2.5,0.9,0.25" for trial in trials for epoch in (1, 2)]
        ),
        "classes.csv": "\n".join(
            [f"{TRIAL},label,precision,recall,f1,support"]
            + [f"{trial},{label},0.91,0.92,0.915,50" for trial in trials for label in range(2)]
        ),
        "summary.csv": "part,label,images,mean,sd,median,ink\ntrain,0,30,33.5,78,0,0.25\n"
        "train,1,70,31,70,0,0.2\ntrain,all,100,32,75,0,0.22\ntest,all,40,32,75,0,0.21\n",
        "costs.csv": "rule,jobs,seconds,cpu_seconds,max_rss_mb\ntrain_cell,2,75,70,900\n"
        "plot_data,1,25,,300\n",
        "config.yaml": "experiment: tiny\naugmentation: {copies: 3, zoom: 0.15}\n",
        "published/results.csv": "layers,nodes,val_accuracy,kaggle_score\n2,100,0.9512,0.94\n",
        "Model-2L100N.json": '{"rows": 40, "score": null}',
        "metrics.json": '{"device": "CPU", "versions": {"numpy": "2.3"}}',
        "facts.json": json.dumps(
            {
                part: {"source": f"{part}.csv", "rows": rows, "columns": 785, "nulls": 0}
                | {"dtypes": {"pixels": "uint8"}, "sha256": part * 8, "labels": {"0": 30, "1": 70}}
                for part, rows in (("train", 100), ("test", 40))
            }
            | {"image_shape": [28, 28]}
            | {"duplicates": {"train": 1, "test": 2, "test_in_train": 3, "conflicting_labels": 4}}
        ),
    }
    plots = ["class_distribution", "new_plot", "augmentation", "accuracy", "graph"]
    cell_plots = [f"layers-{layers}_nodes-{nodes}" for layers, nodes in CELLS]
    plots += [f"{cell}/{plot}" for cell in cell_plots for plot in ("learning", "confusion")]
    texts |= {f"{plot}.svg": SVG.format(f"Plot of {plot}") for plot in plots}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.rstrip("\n") + "\n")
    return tmp_path


def write(folder, *more):
    def paths(*names):
        return [str(folder / name) for name in names]

    tables = ["results", "history", "classes", "summary", "costs"]
    arguments = [text for name in tables for text in (f"--{name}", *paths(f"{name}.csv"))]
    arguments += ["--facts", *paths("facts.json"), "--config", *paths("config.yaml")]
    arguments += ["--template", str(TEMPLATE), "--output", *paths("report/index.html")]
    write_report.main([*arguments, *map(str, more)])
    return (folder / "report" / "index.html").read_text()


def write_all(folder):
    return write(
        folder,
        *["--published", folder / "published", "--submissions", folder / "Model-2L100N.json"],
        *["--metrics", folder / "metrics.json", "--rule-graph", folder / "graph.svg"],
        *["--data-plots", folder / "class_distribution.svg", folder / "new_plot.svg"],
        *["--augmentation-plot", folder / "augmentation.svg"],
        *["--cell-plots", *sorted(folder.glob("layers-*/*.svg"))],
        *["--result-plots", folder / "accuracy.svg"],
    )


def test_the_results_table_shows_figures_published_ones_and_differences(folder):
    head, first, second = Page(write_all(folder)).tables["results-table"]
    row = dict(zip(head, first, strict=True))
    assert row["Validation accuracy"] == "0.9500, published 0.9512, difference \N{MINUS SIGN}0.0012"
    assert row["Kaggle score"] == "\N{EN DASH}, published 0.94000"
    assert row["Time (s)"] == "60.5"
    assert row["Images per second"] == "1,234"
    assert "Score" not in head
    assert dict(zip(head, second, strict=True))["Validation accuracy"] == "0.9700"
    assert (second[0], second[1]) == ("5", "200, highest validation accuracy")


def test_the_opening_tells_the_key_result(folder):
    words = Page(write_all(folder)).words()
    assert f"5 {BY} 200 has the highest validation accuracy, 0.9700." in words
    assert f"The 2 cells range from 0.9500 (2 {BY} 100) to 0.9700." in words
    assert "Each cell was trained once" in words
    assert "Difference from published \N{MINUS SIGN}0.0012" in words
    assert "Judged on, per trial 100 images" in words
    assert "Training time, summed 2 min 01 s" in words


def test_every_table_holds_its_file(folder):
    tables = Page(write_all(folder)).tables
    classes = tables["layers-5_nodes-200-classes"]
    assert classes[1] == ["0", "0.9100", "0.9200", "0.9150", "50"]
    epochs = tables["layers-2_nodes-100-epochs"]
    assert epochs[2] == ["2", "20.0", "0.2000", "2.5000", "0.9000", "0.2500"]
    assert tables["summary-table"][1][2:] == ["30", "30.0%", "33.5", "78.0", "0.0", "25.0%"]
    costs = tables["costs-table"]
    assert costs[2] == ["plot_data", "1", "25.0", "25.0%", "\N{EN DASH}", "300"]
    assert costs[3] == ["all", "3", "100.0", "", "70.0", "900"]
    facts = {name: values for name, *values in tables["facts-table"]}
    assert facts["SHA-256"] == ["train" * 8, "test" * 8]
    assert facts["Copies of an earlier image"] == ["1", "2"]
    assert facts["Also among the training images"] == ["", "3"]
    assert facts["Copies under another label"] == ["4", ""]
    assert tables["submissions-table"] == [["File", "Rows"], ["Model-2L100N.csv", "40"]]
    assert tables["versions-table"][1] == ["numpy", "2.3"]
    assert ["snakemake", version("snakemake")] in tables["packages-table"]
    assert tables["devices-table"][1] == ["CPU", "1"]
    assert ["zoom", "0.15"] in tables["augmentation-table"]


def test_every_image_is_embedded_and_says_what_it_shows(folder):
    images = Page(write_all(folder)).all("img")
    texts = [image["alt"] for image in images]
    assert len(images) == 9
    assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in images)
    assert all((image["width"], image["height"]) == ("96", "48") for image in images)
    assert "Plot of class_distribution. Images per class: 0 30; 1 70." in texts
    assert "Plot of new_plot." in texts
    learning = next(text for text in texts if "layers-2_nodes-100/learning" in text)
    assert "training accuracy goes from 0.1000 to 0.2000" in learning
    confusion = next(text for text in texts if "layers-5_nodes-200/confusion" in text)
    assert confusion.endswith("Recall: 0 0.9200; 1 0.9200.")


def test_the_page_is_sound_and_loads_nothing(folder):
    text = write_all(folder)
    page = Page(text)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    links = [attributes["href"] for attributes in page.all("a")]
    assert len(ids) == len(set(ids))
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)
    assert page.all("html") == [{"lang": "en"}]
    assert [tag for tag, _ in page.elements if tag in {"h1", "main", "title"}].count("h1") == 1
    policy = next(a["content"] for a in page.all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert not [script for script in page.all("script") if script]  # none is loaded
    loaded = [a[name] for _, a in page.elements for name in ("src", "href") if name in a]
    assert all(address.startswith(("#", "data:")) for address in loaded)
    assert not re.search(r"https?:|@import|url\(", re.sub(r"data:[^\"]*", "", text))
    assert all(heading.get("scope") in {"row", "col"} for heading in page.all("th"))
    assert len(page.all("table")) == len(page.all("caption")) == len(page.tables)


def test_headings_never_skip_a_level(folder):
    levels = [int(tag[1]) for tag, _ in Page(write_all(folder)).elements if re.match(r"h\d", tag)]
    seen = levels[levels.index(1) :]
    assert all(after - before <= 1 for before, after in pairwise(seen))


def test_the_same_inputs_give_the_same_bytes(folder):
    assert write_all(folder) == write_all(folder)


def test_texts_of_the_user_are_escaped(folder):
    (folder / "config.yaml").write_text("experiment: <script>alert(1)</script>\nnote: '&amp;'\n")
    text = write_all(folder)
    assert "<script>alert" not in text
    assert "Experiment <script>alert(1)</script>" in Page(text).words()
    assert "note: '&amp;'" in Page(text).words()


def test_a_page_without_plots_scores_or_published_figures_has_no_gaps(folder):
    page = Page(write(folder))
    ids = {attributes.get("id") for _, attributes in page.elements}
    links = {attributes["href"].removeprefix("#") for attributes in page.all("a")}
    assert links <= ids
    assert not {"augmentation", "rules", "submissions", "versions"} & ids
    assert not page.all("img") + page.all("figure")
    words = page.words().lower()
    assert "published" not in words
    assert "kaggle score" not in words
    assert page.tables["results-table"][1][5] == "0.9500"


def test_several_trials_give_mean_and_deviation(folder):
    (folder / "results.csv").write_text(results_csv([(1, 0), (2, 0.01)]))
    page = Page(write(folder))
    head, first, _ = page.tables["results-table"]
    row = dict(zip(head, first, strict=True))
    assert "Trials" not in head
    assert row["Validation accuracy"] == "0.9550± 0.0071"
    assert row["Parameters"] == "200"
    assert "2 trials each" in page.words()
    assert "trained once" not in page.words()


def test_cells_with_unequal_numbers_of_trials_say_so(folder):
    both, alone = results_csv([(1, 0), (2, 0.01)]), results_csv([(1, 0)])
    (folder / "results.csv").write_text(
        "\n".join([*both.splitlines()[:3], alone.splitlines()[-1], ""])
    )
    page = Page(write(folder))
    head, *rows = page.tables["results-table"]
    assert [dict(zip(head, row, strict=True))["Trials"] for row in rows] == ["2", "1"]
    assert "1 to 2 trials each" in page.words()


def test_known_scores_are_shown(folder):
    table = (folder / "results.csv").read_text().replace("1234.4,", "1234.4,0.91234")
    (folder / "results.csv").write_text(table)
    (folder / "Model-2L100N.json").write_text('{"rows": 40, "score": 0.91234}')
    tables = Page(write_all(folder)).tables
    head, first, _ = tables["results-table"]
    assert dict(zip(head, first, strict=True))["Score"] == "0.91234"
    assert tables["submissions-table"][1] == ["Model-2L100N.csv", "40", "0.91234"]


def test_one_cell_alone_is_not_compared(folder):
    kept = [line for line in (folder / "results.csv").read_text().splitlines() if line[:2] != "5,"]
    (folder / "results.csv").write_text("\n".join([*kept, ""]))
    words = Page(write(folder)).words()
    assert f"2 {BY} 100 reaches a validation accuracy of 0.9500." in words
    assert "range from" not in words


MESSAGE = "epoch 3: the loss is nan & <b>more</b>"


def fail(folder, *cells, seeds=((1, 0),)):
    """Let the trainings of some cells with seed 1 fail; return the arguments that tell it."""
    lines, kept, paths = results_csv(seeds).splitlines(), [], []
    for line in lines:
        values = line.split(",")
        if line[0].isdigit() and (int(values[0]), int(values[1])) in cells:
            trial = dict(zip(TRIAL.split(","), map(int, values[:4]), strict=True))
            failed = trial["seed"] == 1
            if failed:
                values = [*values[:7], "", "", values[9], "", ""]
            record = {"device": "CPU", "versions": {}, "failed": MESSAGE if failed else None}
            paths.append(folder / f"metrics-{line[:5].replace(',', '-')}-{trial['seed']}.json")
            paths[-1].write_text(json.dumps(trial | record))
        kept.append(",".join(values))
    (folder / "results.csv").write_text("\n".join([*kept, ""]))
    classes = (folder / "classes.csv").read_text().splitlines()
    gone = tuple(f"{layers},{nodes},0,1," for layers, nodes in cells)
    (folder / "classes.csv").write_text(
        "".join(f"{line}\n" for line in classes if not line.startswith(gone))
    )
    return ["--metrics", *paths]


def test_a_cell_that_failed_is_marked_with_its_message_and_is_no_best_one(folder):
    text = write(folder, *fail(folder, (5, 200)))
    page = Page(text)
    head, first, second, note = page.tables["results-table"]
    assert first[1] == "100, highest validation accuracy"
    row = dict(zip(head, second, strict=True))
    assert row["Nodes"] == "200"
    assert (row["Validation accuracy"], row["Parameters"]) == ("failed", "1,000")
    assert (row["Time (s)"], row["Training accuracy"]) == ("\N{EN DASH}",) * 2
    name = f"5\N{NO-BREAK SPACE}{BY}\N{NO-BREAK SPACE}200"
    assert note == [f"{name}: The training failed. Fold 0, seed 1: {MESSAGE}."]
    words = page.words()
    assert f"1 of 2 trainings failed: 5 {BY} 200 (without any result)." in words
    assert f"2 {BY} 100 is the only cell with a result, a validation accuracy of 0.9500." in words
    assert "Trainings failed 1 of 2" in words
    assert "Training time, summed 2 min 01 s" in words
    assert "range from" not in words
    assert f"nodes The training failed. Fold 0, seed 1: {MESSAGE}." in words
    assert "<b>" not in text
    assert f"{name}: every epoch that was finished before the training failed." in text
    assert "layers-5_nodes-200-classes" not in page.tables
    assert page.tables["layers-5_nodes-200-epochs"][1][0] == "1"


def test_a_failed_training_beside_good_ones_leaves_the_cell_its_figures(folder):
    seeds = [(1, 0), (2, 0.01), (3, 0.02)]
    history = (folder / "history.csv").read_text()
    more = "".join(f"\n2,100,0,{seed},1,20,0.3,2.5,0.7,0.25" for seed in (2, 3))
    (folder / "history.csv").write_text(f"{history}{more.strip()}\n")
    page = Page(write(folder, *fail(folder, (2, 100), seeds=seeds)))
    head, first, note, _ = page.tables["results-table"]
    row = dict(zip(head, first, strict=True))
    assert row["Validation accuracy"] == "0.9650± 0.0071"
    assert row["Trials"] == "2"
    assert note[0].endswith(
        f"1 of 3 trainings failed, the figures are those of the others. Fold 0, seed 1: {MESSAGE}."
    )
    words = page.words()
    assert f"1 of 6 trainings failed: 2 {BY} 100 (1 of 3)." in words
    assert "3 trials each" in words
    assert f"The 2 cells range from 0.9650 (2 {BY} 100) to" in words
    epochs = page.tables["layers-2_nodes-100-epochs"]
    assert [row[4] for row in epochs[1:]] == ["0.7000"]  # none of the failed training


def test_if_all_trainings_failed_the_page_says_so(folder):
    failed = fail(folder, *CELLS)
    history = (folder / "history.csv").read_text().splitlines()[0]
    (folder / "history.csv").write_text(f"{history}\n")
    (folder / "published" / "results.csv").write_text("layers,nodes,val_accuracy\n2,100,0.9512\n")
    plots = ["--result-plots", folder / "accuracy.svg", "--published", folder / "published"]
    page = Page(write(folder, *failed, *plots))
    words = page.words()
    assert "2 of 2 trainings failed" in words
    assert "No training ended with a result." in words
    assert "Best cell" not in words
    assert "Highlighted" not in words
    head, *rows = page.tables["results-table"]
    column = head.index("Validation accuracy")
    assert [row[column] for row in rows if len(row) > 1] == ["failed, published 0.9512", "failed"]
    assert [len(row) for row in rows] == [len(head), 1] * 2
    assert page.all("img")[0]["alt"].count("failed") == 2
    assert not [name for name in page.tables if name.endswith(("-classes", "-epochs"))]


def test_a_missing_column_is_told_in_one_line(folder):
    (folder / "costs.csv").write_text("rule,jobs\na,1\n")
    with pytest.raises(DataError, match=r"costs\.csv.*seconds") as error:
        write(folder)
    assert "\n" not in str(error.value)
    assert not (folder / "report").exists()
