"""What is put into a card says what it is, whatever characters it has; nothing else is claimed."""

from pathlib import Path

import jinja2
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from results_folder import CONFIG, FACTS

from digits.cards.content import escape, label_rows, render_card
from digits.core.design import Design
from digits.core.formatting import one_line
from digits.data.origin import KAGGLE_TRAIN, data_set, origin

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = st.text(
    alphabet=st.sampled_from("|`*_<>&[]()!#\\~-+.:=\"'$@/{}\n\r\t \x1bab1ü"), max_size=20
)


def texts(markdown: str) -> list[str]:
    """Return the texts of a document's inline parts; a part of any other kind is an error."""
    found = []
    for token in MARKDOWN.parse(markdown):
        if token.type == "inline":
            assert {child.type for child in token.children} <= {"text", "text_special"}
            found.append("".join(child.content for child in token.children))
    return found


@given(HOSTILE)
def test_a_text_in_a_line_is_read_as_itself(text):
    assert texts(f"- Label: {escape(text)}.") == [f"Label: {one_line(text)}."]


@given(HOSTILE, HOSTILE)
def test_a_text_in_a_table_is_one_cell_and_read_as_itself(one, other):
    table = f"| A | B |\n|---|---|\n| {escape(one)} | {escape(other)} |\n"
    assert texts(table) == ["A", "B", one_line(one), one_line(other)]


def test_what_is_known_only_as_none_is_a_dash_and_numbers_stay():
    assert escape(None) == "\N{EN DASH}"
    assert escape(0.5) == 0.5


def test_everything_put_into_a_template_is_escaped_and_a_name_that_lacks_is_an_error(tmp_path):
    template = tmp_path / "card.md.j2"
    template.write_text(
        "*{{ a }}* {% for b in c %}{{ b }}, {% endfor %}{{ d }} {{ 1234.567 | fixed(2) }}\n"
    )
    content = {"a": "x*|y", "c": ["<b>", "`c`"], "d": None}
    assert render_card(template, content) == "*x\\*\\|y* &lt;b&gt;, \\`c\\`, \N{EN DASH} 1,234.57\n"
    with pytest.raises(jinja2.UndefinedError, match="'d' is undefined"):
        render_card(template, {"a": "", "c": []})


def test_the_origin_is_stated_only_if_it_is_certain():
    demo = CONFIG | {"dataset": CONFIG["dataset"] | {"source": "demo"}}
    kaggle = FACTS | {"train": FACTS["train"] | {"sha256": KAGGLE_TRAIN}}
    assert origin(demo, FACTS) == "demo"
    assert origin(CONFIG, kaggle) == "kaggle"
    assert origin(CONFIG, FACTS) is None
    names = [data_set(demo, FACTS), data_set(CONFIG, kaggle), data_set(CONFIG, FACTS)]
    assert names == ["scikit-learn digits", "Digit Recognizer", "a.csv"]
    facts = FACTS | {"train": FACTS["train"] | {"source": "raw/letters.zip::a/train.csv"}}
    assert data_set(CONFIG, facts) == "letters.zip"


def test_the_reference_data_are_known_by_their_checksum():
    archive = Path(__file__).parents[4] / "shared/data/digit-recognizer.zip"
    if not archive.is_file():
        pytest.skip("the reference data are not here")
    from digits.data.sources import sha256_of

    assert sha256_of(f"{archive}::train.csv") == KAGGLE_TRAIN


def test_classes_have_the_figures_of_the_best_cell_and_the_range_of_all():
    keys = [(2, 8, 0), (2, 8, 1), (3, 8, 0), (3, 8, 1)]
    recalls = {0: [0.5, 0.7, 0.9, 0.7], 1: [1.0, 1.0, 0.2, 0.4]}
    classes = pd.DataFrame(
        [
            {"layers": layers, "nodes": nodes, "fold": fold, "seed": 1, "label": label}
            | {"precision": 0.5, "recall": recall, "f1": 0.5, "support": 10}
            for label, values in recalls.items()
            for (layers, nodes, fold), recall in zip(keys, values, strict=True)
        ]
    )
    design = Design({"layers": (2, 3), "nodes": (8,)}, folds=(0, 1), seeds=(1,))
    zero, one = label_rows(classes, {"cell": (3, 8)}, design)
    assert (zero["label"], zero["support"]) == (0, 20)
    assert zero["recall"]["mean"] == pytest.approx(0.8)
    assert (zero["lowest"], zero["highest"]) == pytest.approx((0.6, 0.8))
    assert (one["lowest"], one["highest"]) == pytest.approx((0.3, 1.0))
    assert label_rows(classes, None, design) == []
