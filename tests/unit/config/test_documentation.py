"""The schema and the tables of keys in config/README.md are those of the models."""

import pytest

from digits.config import documentation
from digits.config.json_schema import schema


def test_the_schema_in_the_repository_is_that_of_the_models():
    assert documentation.SCHEMA.read_text(encoding="utf-8") == documentation.schema_text(), (
        "run make docs"
    )


def test_the_tables_of_keys_are_those_of_the_models_and_hold_each_key_once():
    text = documentation.README.read_text(encoding="utf-8")
    assert documentation.with_tables(text) == text, "run make docs"
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(documentation.table(schema()["properties"]).splitlines()[2:])


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("dataset", "| `dataset.image_shape` | list of 2 integers, 1 to 256 | `[28, 28]` |"),
        ("dataset", "| `dataset.source` | `demo`, `files`, `kaggle` | `files` |"),
        (
            "dataset",
            "| `dataset.train` | path; or list of 1 to 500 paths; or section of `images`, `labels`",
        ),
        ("dataset", "| `dataset.delimiter` | `auto`, `,`, `;`, `\\|`, `tab`, `space` | `auto` |"),
        (
            "dataset",
            "| `dataset.classes` | integer, 2 to 256; or list of 2 to 256 different integers or"
            " texts of at most 60 characters | `10` |",
        ),
        ("design", "| `design.layers` | list of different integers, 1 to 100 | `[2, 3, 5]` |"),
        ("training", "| `training.learning_rate` | number above 0 | `0.01` |"),
        ("training", "| `training.dropout` | number, 0 to below 1 | `0.2` |"),
        ("published", "| `published` | path or `null` | `null` |"),
        ("cache_size", "| `cache_size` | integer, at least 1 | `2000` |"),
    ],
)
def test_a_row_says_what_a_key_may_be_and_its_default(name, row):
    assert any(line.startswith(row) for line in documentation.table([name]).splitlines())


def test_only_the_tables_in_a_text_are_changed():
    text = "a\n<!-- keys of cache_size, from make docs -->\nold\n<!-- end of keys -->\nb | c\n"
    told = documentation.with_tables(text)
    assert told.startswith("a\n<!-- keys of cache_size, from make docs -->\n\n| Key |")
    assert told.endswith("removed. |\n\n<!-- end of keys -->\nb | c\n")
    assert "old" not in told
    assert documentation.with_tables(told) == told


def test_the_documents_are_written(tmp_path, monkeypatch):
    for name in ("SCHEMA", "README"):
        monkeypatch.setattr(documentation, name, tmp_path / name)
    (tmp_path / "README").write_text("no tables\n")
    documentation.main()
    assert (tmp_path / "SCHEMA").read_text(encoding="utf-8") == documentation.schema_text()
    assert (tmp_path / "README").read_text() == "no tables\n"
