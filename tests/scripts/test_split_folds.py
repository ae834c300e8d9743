"""The program split_folds."""

import numpy as np
import pytest
from image_files import write_images
from sklearn.model_selection import StratifiedKFold

import split_folds
from digits.core.errors import ConfigError, DataError
from digits.data.image_tables import ImageTable, read_images

RANDOM = np.random.default_rng(1)
LABELS = RANDOM.permutation(np.arange(60) % 3).astype(np.uint8)
IMAGES = RANDOM.integers(0, 256, (60, 3, 2), dtype=np.uint8)


def split(folder, images=IMAGES, labels=LABELS, fold=1, splits=5, *, classes="10"):
    write_images(folder / "all.parquet", ImageTable(images, labels))
    split_folds.main(
        [f"--images={folder}/all.parquet", f"--classes={classes}", f"--splits={splits}",
         f"--fold={fold}", "--seed=422",
         f"--train={folder}/fold/train.parquet", f"--validation={folder}/fold/validation.parquet"]
    )  # fmt: skip
    return read_images(folder / "fold/train.parquet"), read_images(
        folder / "fold/validation.parquet"
    )


def test_the_parts_are_those_of_scikit_learn_and_point_back_to_the_raw_table(tmp_path, capsys):
    parts = split(tmp_path)
    theirs = list(StratifiedKFold(5, shuffle=True, random_state=422).split(IMAGES, LABELS))[1]
    for part, rows in zip(parts, theirs, strict=True):
        assert part.rows.dtype == np.int32
        assert part.rows.tolist() == rows.tolist()
        assert part.images.tolist() == IMAGES[part.rows].tolist()
        assert part.labels.tolist() == LABELS[part.rows].tolist()
    assert capsys.readouterr().out == ""


def test_the_same_images_give_the_same_bytes(tmp_path):
    contents = []
    for name in "ab":
        (tmp_path / name).mkdir()
        split(tmp_path / name)
        parts = sorted((tmp_path / name / "fold").iterdir())
        contents.append([path.read_bytes() for path in parts])
    assert contents[0] == contents[1]


def test_copies_of_validation_images_are_left_out_of_training_and_counted(tmp_path, capsys):
    (tmp_path / "a").mkdir()
    clean_train, clean_validation = split(tmp_path / "a")
    validated = clean_validation.rows[[0, 0, 5]]
    trained = clean_train.rows[[2, 3, 4]]
    images = IMAGES.copy()
    images[trained] = images[validated]
    train, validation = split(tmp_path, images)
    assert validation.rows.tolist() == clean_validation.rows.tolist()
    assert train.rows.tolist() == [row for row in clean_train.rows if row not in trained]
    assert capsys.readouterr().out == "3 copies of validation images left out of training\n"


def test_a_fold_of_which_nothing_would_be_left_to_train_on_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"all\.parquet: fold 1: no image is left to train on"):
        split(tmp_path, np.zeros_like(IMAGES))
    assert [path.name for path in tmp_path.iterdir()] == ["all.parquet"]


def test_more_folds_than_images_of_a_class_are_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ConfigError, match="21 folds need 21 images of every class, but class 0"):
        split(tmp_path, splits=21)
    assert [path.name for path in tmp_path.iterdir()] == ["all.parquet"]


def test_a_class_with_too_few_images_is_told_by_its_label(tmp_path):
    with pytest.raises(ConfigError, match="of every class, but class B has 20"):
        split(
            tmp_path,
            splits=21,
            labels=np.repeat([0, 1], [40, 20]).astype(np.uint8),
            classes='["A", "B"]',
        )
