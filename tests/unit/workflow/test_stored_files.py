"""The three names of a file that Snakemake's storage keeps."""

from types import SimpleNamespace

import pytest
from snakemake.io import expand, flag

from digits.workflow.stored_files import StoredFiles


def files(provider, prefix):
    settings = SimpleNamespace(default_storage_provider=provider, default_storage_prefix=prefix)
    return StoredFiles(SimpleNamespace(storage_settings=settings))


def stored(path, prefix="s3://bucket/ann"):
    copy = f".snakemake/storage/s3/bucket/ann/{path}"
    return flag(copy, "storage_object", SimpleNamespace(query=f"{prefix}/{path}"))


@pytest.mark.parametrize("prefix", ["s3://bucket/ann", "s3://bucket/ann/"])
def test_an_output_in_a_storage_is_expanded_as_its_rule_has_written_it(prefix):
    kept = files("s3", prefix)
    pattern = stored("results/{cell,a|b}/model.keras")
    assert kept.as_written(pattern) == "results/{cell}/model.keras"
    assert kept.expand([pattern, "log"], cell=["a", "b"]) == [
        "results/a/model.keras", "results/b/model.keras", "log",
    ]  # fmt: skip
    assert kept.expand(pattern, cell="a") == ["results/a/model.keras"]
    assert kept.elsewhere


def test_without_a_storage_patterns_are_expanded_by_snakemake():
    kept = files(None, None)
    assert not kept.elsewhere
    assert kept.as_written("results/{cell,a|b}") == "results/{cell}"
    levels = {"cell": ["a", "b"], "fold": [0, 1]}
    assert kept.expand("{cell}/{fold}", zip, **levels) == expand("{cell}/{fold}", zip, **levels)
