"""Tensor files: memory-mapped, readable by NumPy, and refused if they are anything else."""

import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from digits.augmentation.tensors import read_tensor, write_tensor
from digits.core.errors import DataError
from digits.core.intermediate_files import ADVICE

IMAGES = np.random.default_rng(1).integers(0, 256, (10, 2, 3), dtype=np.uint8)
LABELS = np.arange(10, dtype=np.uint8)
REFUSAL = rf"^\S+/a\.npz: [^\n]+{ADVICE}$"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tensors")


@pytest.fixture
def tensor(tmp_path):
    write_tensor(tmp_path / "a.npz", [IMAGES], LABELS, (2, 3))
    return tmp_path / "a.npz"


@st.composite
def cut_tensors(draw):
    """A tensor, its labels, and where to cut it into chunks (some of them empty)."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 4), st.integers(1, 4)))
    cuts = sorted(draw(st.lists(st.integers(0, shape[0]), max_size=5)))
    images = draw(arrays.arrays(np.uint8, shape))
    return images, draw(arrays.arrays(np.uint8, shape[0])), np.split(images, cuts)


@given(cut_tensors())
@settings(deadline=None)
def test_what_is_written_is_read_here_and_by_numpy_whatever_the_chunks(folder, case):
    images, labels, chunks = case
    write_tensor(folder / "cut.npz", iter(chunks), labels, images.shape[1:])
    write_tensor(folder / "whole.npz", [images], labels, images.shape[1:])
    assert (folder / "cut.npz").read_bytes() == (folder / "whole.npz").read_bytes()
    ours = dict(zip(("images", "labels"), read_tensor(folder / "cut.npz"), strict=True))
    with np.load(folder / "cut.npz", allow_pickle=False) as theirs:
        for name, expected in {"images": images, "labels": labels}.items():
            for found in (ours[name], theirs[name]):
                assert (found.dtype, found.shape) == (np.uint8, expected.shape)
                assert found.tolist() == expected.tolist()


def test_the_arrays_are_mapped_where_tensorflow_can_take_them_over(tensor):
    for array in read_tensor(tensor):
        assert isinstance(array, np.memmap)
        assert array.ctypes.data % 64 == 0


def test_the_arrays_are_those_of_the_file_and_changes_stay_in_memory(tensor):
    images, _ = read_tensor(tensor)
    content = tensor.read_bytes()
    images[1] = 0
    assert tensor.read_bytes() == content
    # What is mapped shows what the file holds now, not what it held when it was opened.
    images, _ = read_tensor(tensor)
    start = content.index(IMAGES.tobytes())
    with tensor.open("r+b") as file:
        file.seek(start)
        file.write(bytes([IMAGES[0, 0, 0] ^ 255]))
    assert images[0, 0, 0] == IMAGES[0, 0, 0] ^ 255


def test_the_file_tells_nothing_of_when_it_was_written(tensor):
    with zipfile.ZipFile(tensor) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


@pytest.mark.parametrize("count", [9, 11])
def test_another_number_of_images_than_labels_leaves_no_file(tmp_path, count):
    images = np.zeros((count, 2, 3), np.uint8)
    with pytest.raises(ValueError, match=rf"images: {6 * count} bytes for an array of shape"):
        write_tensor(tmp_path / "a.npz", [images], LABELS, (2, 3))
    assert list(tmp_path.iterdir()) == []


def test_a_failing_source_of_chunks_leaves_the_old_file(tensor):
    def chunks():
        yield IMAGES[:5]
        raise MemoryError

    before = tensor.read_bytes()
    with pytest.raises(MemoryError):
        write_tensor(tensor, chunks(), LABELS, (2, 3))
    assert tensor.read_bytes() == before
    assert list(tensor.parent.iterdir()) == [tensor]


def saved(**members):
    def write(path):
        with path.open("wb") as file:
            np.savez(file, **members)

    return write


def compressed(path):
    np.savez_compressed(path, images=IMAGES, labels=LABELS)


def no_array(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", b"abc" * 50)
        archive.writestr("labels.npy", b"")


def header(shape):
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text) + 1) + text + b"\n"


def stated(shape):
    """Give a file whose images are said to have another shape than their bytes are enough for."""

    def write(path):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("images.npy", header(shape) + IMAGES.tobytes())
            archive.writestr("labels.npy", header((shape[0],)) + LABELS.tobytes())

    return write


FOREIGN = {
    "no images": (saved(labels=LABELS), "no item named 'images.npy'"),
    "compressed": (compressed, "images is compressed"),
    "floats": (saved(images=IMAGES / 255, labels=LABELS), "images is not a C-ordered array"),
    "Fortran order": (saved(images=np.asfortranarray(IMAGES), labels=LABELS), "images is not a C-"),
    "no array": (no_array, "magic string"),
    "flat images": (saved(images=IMAGES.reshape(10, 6), labels=LABELS), "do not fit"),
    "too few labels": (saved(images=IMAGES, labels=LABELS[:9]), "do not fit"),
    "fewer bytes than stated": (stated((11, 2, 3)), "images is not as large as its shape says"),
    "more bytes than stated": (stated((9, 2, 3)), "images is not as large as its shape says"),
}


@pytest.mark.parametrize(("make", "reason"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused_by_name(tmp_path, make, reason):
    make(tmp_path / "a.npz")
    with pytest.raises(DataError, match=REFUSAL) as caught:
        read_tensor(tmp_path / "a.npz")
    assert reason in str(caught.value)


def test_a_tensor_of_other_classes_or_without_images_is_refused(tensor):
    assert len(read_tensor(tensor, 10)[1]) == 10
    with pytest.raises(
        DataError, match=r"a\.npz: expected labels of 9 classes, found one of class 9"
    ):
        read_tensor(tensor, 9)
    write_tensor(tensor, [], LABELS[:0], (2, 3))
    with pytest.raises(DataError, match=rf"a\.npz: no images{ADVICE}$"):
        read_tensor(tensor)


def test_a_file_cut_short_anywhere_is_refused(tensor):
    content = tensor.read_bytes()
    for size in range(len(content)):
        tensor.write_bytes(content[:size])
        with pytest.raises(DataError, match=REFUSAL):
            read_tensor(tensor)


@given(position=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(max_examples=500, deadline=None)
def test_a_flipped_bit_is_noticed_or_changes_nothing(folder, position, bit):
    path = folder / "a.npz"
    write_tensor(path, [IMAGES], LABELS, (2, 3))
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 1 << bit
    path.write_bytes(content)
    try:
        images, labels = read_tensor(path)
    except DataError as error:
        assert "\n" not in str(error)
    else:
        assert (images.tolist(), labels.tolist()) == (IMAGES.tolist(), LABELS.tolist())


def test_no_object_in_a_file_is_ever_unpickled(tmp_path):
    witness = tmp_path / "witness"

    class Trap:
        def __reduce__(self):
            return witness.touch, ()

    saved(images=np.array([Trap()], dtype=object), labels=LABELS)(tmp_path / "a.npz")
    with pytest.raises(DataError):
        read_tensor(tmp_path / "a.npz")
    assert not witness.exists()
    with np.load(tmp_path / "a.npz", allow_pickle=True) as opened:
        opened["images"]
    assert witness.exists()  # the trap works, so it was not sprung above


def test_a_tensor_is_of_grey_images_or_of_colours(tmp_path):
    for shape in ((2, 3), (2, 3, 3)):
        images = np.arange(10 * np.prod(shape), dtype=np.uint8).reshape(10, *shape)
        write_tensor(tmp_path / "a.npz", [images], LABELS, shape)
        np.testing.assert_array_equal(read_tensor(tmp_path / "a.npz")[0], images)
    for shape in ((6,), (2, 3, 4), (2, 3, 3, 1)):
        write_tensor(tmp_path / "a.npz", [np.zeros((10, *shape), np.uint8)], LABELS, shape)
        with pytest.raises(DataError, match="images and labels do not fit"):
            read_tensor(tmp_path / "a.npz")
