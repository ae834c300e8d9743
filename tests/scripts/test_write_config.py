"""The program write_config."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import write_config

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
@settings(deadline=None)
def test_the_configuration_is_read_from_the_file_as_it_was_given(tmp_path_factory, config):
    path = tmp_path_factory.getbasetemp() / "config.yaml"
    write_config.main([f"--config={json.dumps(config)}", f"--output={path}"])
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == config


@pytest.mark.parametrize("text", ["2020-01-01", "no", "1e3", "0x10", "~", "007", "1_000", "null"])
def test_text_that_looks_like_something_else_stays_text(tmp_path, text):
    write_config.main([f"--config={json.dumps({'key': text})}", f"--output={tmp_path}/a.yaml"])
    assert yaml.safe_load((tmp_path / "a.yaml").read_text()) == {"key": text}


def test_letters_stay_readable(tmp_path):
    write_config.main(['--config={"dataset": {"label": "número"}}', f"--output={tmp_path}/a.yaml"])
    assert (tmp_path / "a.yaml").read_bytes() == "dataset: {label: número}\n".encode()


def test_the_order_of_the_keys_does_not_matter(tmp_path):
    one, other = {"b": {"d": 1, "c": 2}, "a": [3]}, {"a": [3], "b": {"c": 2, "d": 1}}
    for name, config in (("one", one), ("other", other)):
        write_config.main([f"--config={json.dumps(config)}", f"--output={tmp_path}/{name}"])
    assert (tmp_path / "one").read_text() == (tmp_path / "other").read_text()
    assert (tmp_path / "one").read_text().startswith("a: [3]\nb: {c: 2, d: 1}\n")


def test_what_is_no_json_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        write_config.main(["--config={a: 1}", f"--output={tmp_path}/a.yaml"])
    assert caught.value.code == 2
    assert "argument --config" in capsys.readouterr().err
    assert not (tmp_path / "a.yaml").exists()
