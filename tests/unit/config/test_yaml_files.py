"""Configuration files as they are written: duplicate keys, code, and what stands without quotes."""

import pytest

from digits.config.yaml_files import check_file
from digits.core.errors import ConfigError


def test_values_that_are_not_in_quotes_are_given_as_they_are_written(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("a: yes\nb: {c: [0123, 'x', [1_0]]}\nd: '2024'\ne:\nf: &f on\ng: *f\n")
    assert check_file(path) == {
        "a": "yes", "b.c.0": "0123", "b.c.2.0": "1_0", "e": "", "f": "on", "g": "on"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("experiment: a\nexperiment: b\n", "line 2: experiment"),
        ("a:\n  b: 1\n  c: 2\nd:\n  b: 1\n  b: 1\n", "line 6: d.b"),
        ('{"a": {"b": 1,\n "b": 2}}', "line 2: a.b"),
        ("x: {1: 2, 1: 3}", "line 1: x.1"),
    ],
)
def test_a_key_that_stands_twice_in_a_file_is_told_with_its_line(tmp_path, text, fault):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        check_file(path)
    assert str(raised.value) == f"{path}, {fault}: this key appears twice; remove one of them"


def test_a_key_that_stands_twice_in_json_that_is_no_yaml_is_told(tmp_path):
    path = tmp_path / "own.json"
    path.write_text('{\t"a": {"b": 1,\t"b": 2}}')
    with pytest.raises(ConfigError) as raised:
        check_file(path)
    assert str(raised.value) == f"{path}: b: this key appears in a section twice"


@pytest.mark.parametrize("text", ["a: 1\n__use_yte__: true\n", '{"a": 1,\n"__use_yte__": false}'])
def test_a_key_that_lets_the_file_run_code_is_refused(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        check_file(path)
    expected = "expected no key that lets the file run code; remove it"
    assert str(raised.value) == f"{path}, line 2: __use_yte__: {expected}"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "\t" + "[" * 100_000,
        "a: {b: 1}\nc: {b: 1}\n",
        "a: &x {b: 1}\nc: {<<: *x, b: 2}\n",
        "a: &x {b: *x}\n",
        "",
        "- a\n- a\n",
        "a: [",
        '{\t"a": 1}',
        "ä",
    ],
)
def test_any_other_file_is_left_to_snakemake(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_bytes(text.encode("latin-1"))
    check_file(path)
    check_file(tmp_path / "none.yaml")
