"""Image tables: what is written is read back, and anything else is refused."""

from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from image_files import write_images

from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE
from digits.data.image_tables import ImageFile, ImageTable, digest, digests, read_images, take

PIXELS = np.random.default_rng(1).integers(0, 256, (10, 2, 3), dtype=np.uint8)
LABELS = np.arange(10, dtype=np.uint8)
ROWS = np.arange(100, 110, dtype=np.int32)
REFUSAL = rf"a\.parquet: [^\n]+{ADVICE}$"


@st.composite
def tables(draw):
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4)))
    shape += draw(st.sampled_from([(), (3,)]))
    images = draw(arrays.arrays(np.uint8, shape))
    labels = draw(st.none() | arrays.arrays(np.uint8, shape[0]))
    numbers = st.integers(0, 2**31 - 1)
    rows = draw(st.none() | arrays.arrays(np.int32, shape[0], elements=numbers, unique=True))
    return ImageTable(images, labels, rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="module")
def small_groups():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("digits.data.image_tables.CHUNK", 4)
        yield


def assert_equal(found, expected):
    for name in ("images", "labels", "rows"):
        one, other = getattr(found, name), getattr(expected, name)
        if other is None:
            assert one is None
        else:
            assert (one.dtype, one.shape) == (other.dtype, other.shape)
            assert one.tolist() == other.tolist()


def joined(parts, like):
    """Put chunks together, as a table of the columns that ``like`` has."""

    def join(name):
        whole = getattr(like, name)
        if whole is None:
            return None
        return np.concatenate([whole[:0], *(getattr(part, name) for part in parts)])

    return ImageTable(join("images"), join("labels"), join("rows"))


@given(tables())
@settings(deadline=None)
def test_what_is_written_is_read(folder, small_groups, table):
    write_images(folder / "a.parquet", table)
    found = read_images(folder / "a.parquet")
    assert_equal(found, table)
    assert len(found) == len(table.images)


def test_an_image_is_one_cell_of_bytes_row_by_row(tmp_path):
    write_images(tmp_path / "a.parquet", ImageTable(PIXELS, LABELS, ROWS))
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert file.schema_arrow.names == ["row", "label", "image"]
    assert file.schema_arrow.types == [pa.int32(), pa.uint8(), pa.binary(6)]
    assert not any(field.nullable for field in file.schema_arrow)
    assert file.schema_arrow.metadata[b"image_shape"] == b"2,3"
    assert file.read()["image"].to_pylist() == [bytes(image.ravel().tolist()) for image in PIXELS]


def test_the_layout_of_the_array_in_memory_does_not_matter(tmp_path):
    write_images(tmp_path / "a.parquet", ImageTable(PIXELS, LABELS))
    write_images(tmp_path / "b.parquet", ImageTable(np.asfortranarray(PIXELS), LABELS))
    write_images(tmp_path / "c.parquet", ImageTable(PIXELS.repeat(2, axis=2)[:, :, ::2], LABELS))
    one, *others = [(tmp_path / f"{name}.parquet").read_bytes() for name in "abc"]
    assert others == [one, one]


@given(tables(), st.data())
@settings(deadline=None)
def test_a_file_gives_in_chunks_what_was_written(folder, table, data):
    write_images(folder / "a.parquet", table)
    with mock.patch("digits.data.image_tables.CHUNK", data.draw(st.integers(1, 50))):
        found = ImageFile(folder / "a.parquet")
        parts = list(found.chunks())
        assert digests(found).tolist() == digests(table).tolist()
    assert (len(found), found.image_shape) == (len(table), table.image_shape)
    assert_equal(joined(parts, table), table)


@given(tables(), st.data())
@settings(deadline=None)
def test_taken_images_keep_their_labels_and_know_their_rows(folder, table, data):
    indices = st.sets(st.integers(0, max(len(table) - 1, 0)), max_size=len(table))
    rows = np.array(sorted(data.draw(indices)), dtype=int)
    write_images(folder / "a.parquet", table)
    labels = None if table.labels is None else table.labels[rows]
    expected = ImageTable(table.images[rows], labels, rows.astype(np.int32))
    with mock.patch("digits.data.image_tables.CHUNK", data.draw(st.integers(1, 50))):
        for source in (table, ImageFile(folder / "a.parquet")):
            assert_equal(joined(list(take(source, rows)), expected), expected)


def test_a_digest_tells_every_pixel_and_the_order_of_pixels():
    images = np.zeros((4, 2, 3), np.uint8)
    images[1, 1, 2], images[2, 0, 0] = 1, 1
    assert len(set(digest(images).tolist())) == 3
    assert digest(images)[0] == digest(images[3:])[0]
    assert digest(images.transpose(0, 2, 1).copy())[0].tobytes() == digest(images)[0].tobytes()


def columns(shape="2,2", **values):
    def write(path):
        metadata = None if shape is None else {"image_shape": shape}
        pq.write_table(pa.table(values).replace_schema_metadata(metadata), path)

    return write


IMAGE = pa.array([b"abcd"], pa.binary(4))
FOREIGN = {
    "no shape": columns(None, image=IMAGE),
    "three numbers": columns("1,2,2", image=IMAGE),
    "no image": columns(label=pa.array([1], pa.uint8())),
    "another size": columns("3,3", image=IMAGE),
    "bytes of any length": columns(image=pa.array([b"abcd", b"efgh"])),
    "a null": columns(image=pa.array([b"abcd", None], pa.binary(4))),
    "another column": columns(image=IMAGE, extra=[1]),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
def test_a_table_of_anything_else_is_refused(tmp_path, make):
    make(tmp_path / "a.parquet")
    with pytest.raises(DataError, match=rf"a\.parquet: no table of images{ADVICE}$"):
        read_images(tmp_path / "a.parquet")


def test_a_column_that_is_needed_and_not_there_is_named(tmp_path):
    write_images(tmp_path / "a.parquet", ImageTable(PIXELS, LABELS))
    assert len(read_images(tmp_path / "a.parquet", ["label"])) == 10
    with pytest.raises(DataError, match=rf"no table of images with column row{ADVICE}$"):
        read_images(tmp_path / "a.parquet", ["label", "row"])


def images_of(folder, **change):
    table = ImageTable(**{"images": PIXELS, "labels": LABELS, "rows": ROWS} | change)
    write_images(folder / "a.parquet", table)
    return folder / "a.parquet"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rows": ROWS - 101}, "a row is negative or occurs twice"),
        ({"rows": ROWS // 2}, "a row is negative or occurs twice"),
        ({"labels": LABELS + 1}, "expected labels of 10 classes, found one of class 10"),
        ({"images": PIXELS.reshape(10, 3, 2)}, "expected images of 2 x 3, found 3 x 2"),
        ({name: PIXELS[:0] if name == "images" else None for name in ("images", "labels", "rows")},
         "no images"),
    ],
    ids=["a negative row", "a row twice", "another class", "another shape", "no images"],
)  # fmt: skip
def test_a_table_of_another_experiment_is_refused(tmp_path, change, reason):
    known = {"classes": 10, "image_shape": (2, 3)}
    assert len(read_images(images_of(tmp_path), **known)) == 10
    with pytest.raises(DataError, match=rf"a\.parquet: {reason}{ADVICE}$"):
        read_images(images_of(tmp_path, **change), **known)


def test_a_file_cut_short_anywhere_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    write_images(path, ImageTable(PIXELS, LABELS, ROWS))
    content = path.read_bytes()
    for size in range(0, len(content), 7):
        path.write_bytes(content[:size])
        with pytest.raises(DataError, match=REFUSAL):
            read_images(path)


def test_a_column_whose_name_is_no_text_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    write_images(path, ImageTable(PIXELS, LABELS))
    path.write_bytes(path.read_bytes().replace(b"label", b"\xffabel"))
    with pytest.raises(DataError, match=REFUSAL):
        read_images(path)


@given(position=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(max_examples=300, deadline=None)
def test_a_flipped_bit_never_ends_in_another_error(folder, position, bit):
    path = folder / "a.parquet"
    write_images(path, ImageTable(PIXELS, LABELS, ROWS))
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 1 << bit
    path.write_bytes(content)
    try:
        table = read_images(path)
    except DataError as error:
        assert "\n" not in str(error)
    else:
        assert table.images[0].size == 6


def test_a_flipped_bit_in_a_page_is_noticed(tmp_path):
    path = tmp_path / "images.parquet"
    pixels = np.random.default_rng(0).integers(0, 256, (300, 6, 5), dtype=np.uint8)
    write_images(path, ImageTable(pixels))
    content = bytearray(path.read_bytes())
    # The pixels are noise, so zstd can only store them as they are: the flip hits a pixel.
    place = content.find(pixels[150].tobytes())
    assert place > 0
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"images.parquet: .*delete it and run again"):
        read_images(path)
