import numpy as np
import pytest
from image_files import write_images

import plot_data
from digits.core.errors import DataError
from digits.data.image_tables import ImageTable

PLOTS = ("class-distribution", "pixel-correlation", "sample-digits", "mean-digits")
TITLES = {
    "class-distribution": "20 images, 2 classes",
    "pixel-correlation": "64 pixels",
    "sample-digits": "2 classes, a row per class",
    "mean-digits": "Mean and standard deviation",
}


@pytest.fixture
def table() -> ImageTable:
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8), dtype=np.uint8)
    return ImageTable(images, np.arange(20, dtype=np.uint8) % 2)


def arguments(folder) -> list[str]:
    outputs = [text for plot in PLOTS for text in (f"--{plot}", str(folder / f"{plot}.svg"))]
    return ["--train", str(folder / "train.parquet"), "--classes", "2", *outputs]


@pytest.mark.filterwarnings("error")
def test_all_plots_are_written_and_say_what_they_show(tmp_path, table):
    write_images(tmp_path / "train.parquet", table)
    plot_data.main(arguments(tmp_path))
    for plot in PLOTS:
        text = (tmp_path / f"{plot}.svg").read_text()
        assert TITLES[plot] in text.split("<title>")[1].split("</title>")[0]


def test_unlabelled_images_are_refused(tmp_path, table):
    write_images(tmp_path / "train.parquet", ImageTable(table.images))
    with pytest.raises(DataError, match=r"train.parquet: no table of images with column label"):
        plot_data.main(arguments(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["train.parquet"]
