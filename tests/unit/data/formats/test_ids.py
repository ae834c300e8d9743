"""The ids of a test set are those of the file: a column, an array, or the names of pictures."""

from pathlib import Path

import layouts
import numpy as np
import pytest
from ingesting import described

from digits.core.errors import DataError
from digits.data.ingest import ingest

IMAGES, LABELS = layouts.digits()
IDS = [f"k{number}" for number in range(len(IMAGES))]


def ids_of(folder: Path, *names: str, **keys) -> list[str] | None:
    keys = {"part": "test", "id": "id", "ignore": ("id",), "image_shape": (8, 8)} | keys
    found = ingest(described([str(folder / name) for name in names], **keys), folder / "out")
    return found.get("ids")


def parquet(folder: Path, ids: list, name: str = "a.parquet") -> str:
    frame = layouts.frame(IMAGES, LABELS).drop(columns="label")
    frame.insert(3, "id", ids)
    frame.to_parquet(folder / name, index=False)
    return name


def pictures(folder: Path) -> str:
    (folder / "test").mkdir()
    for number in (10, 2, 1):
        (folder / f"test/{number}.png").write_bytes(layouts.png(IMAGES[number]))
    return "test"


def test_a_column_of_parquet(tmp_path):
    assert ids_of(tmp_path, parquet(tmp_path, IDS)) == IDS
    numbers = list(range(7, 307))
    assert ids_of(tmp_path, parquet(tmp_path, numbers)) == list(map(str, numbers))
    assert ids_of(tmp_path, parquet(tmp_path, numbers), id=None) is None
    with pytest.raises(DataError, match="row 3, column 'id': expected a value, found none"):
        ids_of(tmp_path, parquet(tmp_path, [*IDS[:2], None, *IDS[3:]]))


@pytest.mark.parametrize("name", ["id", "id_test"])
def test_an_array_of_an_archive(tmp_path, name):
    np.savez(tmp_path / "a.npz", x_test=IMAGES, y_test=LABELS, **{name: np.array(IDS)})
    assert ids_of(tmp_path, "a.npz") == IDS
    np.savez(tmp_path / "a.npz", x_test=IMAGES, **{name: np.arange(9)})
    with pytest.raises(DataError, match="expected as many ids as images, 300, found 9"):
        ids_of(tmp_path, "a.npz")


def test_the_names_of_pictures_with_their_suffix_or_without(tmp_path):
    folder = pictures(tmp_path)
    assert ids_of(tmp_path, folder) == ["1.png", "2.png", "10.png"]
    assert ids_of(tmp_path, folder, suffix=False) == ["1", "2", "10"]
    assert ids_of(tmp_path, folder, id=None) is None


def test_ids_stay_with_their_images_where_labels_are_apart(tmp_path):
    np.save(tmp_path / "y.npy", LABELS)
    found = ids_of(tmp_path, parquet(tmp_path, IDS), label_files=(str(tmp_path / "y.npy"),))
    assert found == IDS


def test_one_file_with_ids_and_one_without_are_told(tmp_path):
    np.save(tmp_path / "x.npy", IMAGES)
    with pytest.raises(DataError, match=r"x\.npy: expected ids in each file, or in none"):
        ids_of(tmp_path, parquet(tmp_path, IDS), "x.npy")
