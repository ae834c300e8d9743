"""The resolved configuration of an experiment, read back."""

import pytest

from digits.config.resolved import read_config
from digits.core.errors import DataError


def test_a_resolved_configuration_is_read_parsed_and_as_written(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("experiment: own\naugmentation: {copies: 3}\n")
    config, text = read_config(path)
    assert config == {"experiment": "own", "augmentation": {"copies": 3}}
    assert text == path.read_text()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "no valid YAML"),
        ("[" * 100_000, "no valid YAML"),
        ("- a\n", "lacks the key experiment"),
        ("dataset: {}\n", "lacks the key experiment"),
    ],
)
def test_a_damaged_one_is_refused_with_what_to_do(tmp_path, text, fault):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=f"{fault}; delete it and run again$"):
        read_config(path)
