"""The resolved configuration of an experiment, read back."""

import pytest

from digits.config.resolved import read_config
from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE


def test_a_resolved_configuration_is_read_parsed_and_as_written(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("experiment: own\naugmentation: {copies: 3}\n")
    config, text = read_config(path)
    assert config == {"experiment": "own", "augmentation": {"copies": 3}}
    assert text == path.read_text()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "while parsing a flow node"),
        ("[" * 100_000, "recursion depth"),
        ("- a\n", "expected a mapping"),
        ("dataset: {}\n", "lacks the key experiment"),
    ],
)
def test_a_damaged_one_is_refused_with_what_to_do(tmp_path, text, fault):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=f"{fault}.*{ADVICE}$"):
        read_config(path)
