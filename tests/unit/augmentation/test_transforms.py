"""The random copies, compared with Keras 3's own preprocessing layers."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digits.augmentation.transforms import (
    AFFINE,
    KINDS,
    augmented_chunks,
    draw_warps,
    make_copies,
    rotation_matrices,
    shear_matrices,
    translation_matrices,
    warp,
    zoom_matrices,
)
from digits.data.held_out import HeldOut
from digits.data.image_tables import ImageTable

RANGES = {
    "translation": 0.1, "rotation": 0.1, "zoom": 0.15,
    "shear": 0, "elastic_alpha": 0, "elastic_sigma": 4,
}  # fmt: skip
SHAPE = (28, 28)
WIDE = (20, 32)


def strokes(count: int, shape: tuple[int, int] = SHAPE, seed: int = 0) -> np.ndarray:
    """Images like digits: sharp light strokes on black, with a margin of four pixels."""
    generator = np.random.default_rng(seed)
    images = np.zeros((count, *shape), np.uint8)
    for image in images:
        for _ in range(3):
            y, x = generator.integers(4, shape[0] - 8), generator.integers(4, shape[1] - 8)
            image[y : y + 2, x : shape[1] - 4] = generator.integers(128, 256)
            image[y : shape[0] - 4, x : x + 2] = generator.integers(128, 256)
    return images


def blobs(count: int, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Smooth images, which hardly change when they are interpolated once more."""
    generator = np.random.default_rng(1)
    y, x = np.mgrid[: shape[0], : shape[1]]
    images = []
    for _ in range(count):
        centre = generator.uniform(0.4, 0.6, 2) * shape
        distance = ((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / (2 * 3.0**2)
        images.append(np.rint(200 * np.exp(-distance)))
    return np.array(images, dtype=np.uint8)


class Drawn:
    """The same random parameters for Keras's layers and for the project's maps."""

    def __init__(self, count: int, shape: tuple[int, int] = SHAPE):
        generator = np.random.default_rng(5)
        self.shape = shape
        self.dy, self.dx = (generator.uniform(-0.1, 0.1, count) * side for side in shape)
        self.zoom_y, self.zoom_x = generator.uniform(0.85, 1.15, (2, count))
        self.turn = generator.uniform(-0.1, 0.1, count)

    def keras(self, transform: str, images: np.ndarray) -> np.ndarray:
        column = {
            name: value[:, None].astype("float32")
            for name, value in vars(self).items()
            if name not in {"shape", "turn"}
        }
        options = {"fill_mode": "constant", "interpolation": "bilinear", "dtype": "float32"}
        if transform == "translation":
            layer = keras.layers.RandomTranslation(0.1, 0.1, **options)
            chosen = {"translations": np.hstack([column["dx"], column["dy"]])}
        elif transform == "zoom":
            layer = keras.layers.RandomZoom(0.15, 0.15, **options)
            chosen = {"height_zoom": column["zoom_y"], "width_zoom": column["zoom_x"]}
        else:
            layer = keras.layers.RandomRotation(0.1, **options)
            zeros = np.zeros(len(self.turn), "float32")
            matrix = layer._compute_affine_matrix(
                center_x=0.5,
                center_y=0.5,
                angle=keras.ops.convert_to_tensor((self.turn * 360).astype("float32")),
                translate_x=zeros,
                translate_y=zeros,
                scale=zeros + 1,
                shear_x=zeros,
                shear_y=zeros,
                height=self.shape[0],
                width=self.shape[1],
            )
            chosen = {"rotation_matrix": matrix}
        output = layer.transform_images(images[..., None].astype("float32"), chosen, training=True)
        return np.asarray(output)[..., 0]

    def ours(self, transform: str) -> np.ndarray:
        if transform == "translation":
            return translation_matrices(self.dx, self.dy)
        if transform == "zoom":
            return zoom_matrices(self.zoom_x, self.zoom_y, self.shape)
        return rotation_matrices(self.turn * 2 * np.pi, self.shape)


@pytest.mark.parametrize("shape", [SHAPE, WIDE])
@pytest.mark.parametrize("transform", ["translation", "zoom", "rotation"])
def test_one_transform_is_keras_own_to_within_rounding(transform, shape):
    images, drawn = strokes(200, shape), Drawn(200, shape)
    expected = drawn.keras(transform, images)
    difference = np.abs(warp(images, drawn.ours(transform)).astype(float) - expected)
    # Half a grey level for rounding, and what single precision moves a point by.
    assert difference.max() < 0.51


@pytest.mark.parametrize("kind", KINDS)
def test_composed_transforms_are_keras_layers_in_order_on_smooth_images(kind):
    images, drawn = blobs(200), Drawn(200)
    expected, matrices = images, np.eye(3)
    for transform in kind:
        expected = drawn.keras(transform, expected)
        matrices = matrices @ drawn.ours(transform)
    difference = np.abs(warp(images, matrices).astype(float) - expected)
    # Linear interpolation takes up to 1/8 of the second derivative, per axis, off a peak: 5.6 grey
    # levels of these blobs' 200 each time. Keras interpolates once per layer.
    assert difference.max() < 5.6 * len(kind)
    assert difference.mean() < 0.5
    # In the wrong order the same transforms land elsewhere.
    wrong = np.eye(3)
    for transform in reversed(kind):
        wrong = wrong @ drawn.ours(transform)
    assert np.abs(warp(images, wrong).astype(float) - expected).max() > 18


@pytest.mark.parametrize("kind", KINDS)
def test_composed_transforms_blur_less_than_keras_layers(kind):
    images, drawn = strokes(300), Drawn(300)
    expected, matrices = images, np.eye(3)
    for transform in kind:
        expected = drawn.keras(transform, expected)
        matrices = matrices @ drawn.ours(transform)
    ours = warp(images, matrices).astype(float)
    # The bound that the module states, on the sharpest strokes there can be.
    assert np.abs(ours - expected).mean() < 7
    # Interpolation only ever takes contrast away.
    assert ours.var() > expected.var()


def test_nothing_moves_without_a_transform():
    images = strokes(20)
    np.testing.assert_array_equal(warp(images, np.tile(np.eye(3), (20, 1, 1))), images)


def test_outside_the_image_is_black():
    images = np.full((1, *SHAPE), 255, np.uint8)
    moved = warp(images, translation_matrices(np.array([3.0]), np.array([-2.0])))
    expected = np.zeros(SHAPE)
    expected[:26, 3:] = 255
    np.testing.assert_array_equal(moved[0], expected)


@given(
    st.sampled_from(KINDS),
    st.fixed_dictionaries(
        {
            **dict.fromkeys(("translation", "rotation", "shear"), st.floats(0, 1)),
            "zoom": st.floats(0, 0.99),
            "elastic_alpha": st.sampled_from([0, 1, 1e4]),
            "elastic_sigma": st.sampled_from([0.1, 4, 1000]),
        }
    ),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
)
@settings(deadline=None, max_examples=60)
def test_any_ranges_and_shapes_give_images(kind, ranges, shape):
    images = np.random.default_rng(0).integers(0, 256, (4, *shape), dtype=np.uint8)
    warps = draw_warps(np.random.default_rng(1), 4, kind, ranges, shape)
    warped = make_copies(images, warps, ranges)
    assert warped.shape == images.shape
    assert warped.dtype == np.uint8
    assert warped.max() <= images.max()


def test_parameters_fill_their_ranges_evenly():
    count = 20_000
    for kind in KINDS[:2]:
        matrices = draw_warps(np.random.default_rng(2), count, kind, RANGES, SHAPE).maps
        if "zoom" in kind:
            for axis in (0, 1):
                zoom = matrices[:, axis, axis]
                assert (zoom.min(), zoom.max()) == pytest.approx((0.85, 1.15), abs=1e-3)
                assert zoom.mean() == pytest.approx(1, abs=0.003)
            assert abs(np.corrcoef(matrices[:, 0, 0], matrices[:, 1, 1])[0, 1]) < 0.03
        else:
            angle = np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])
            assert (angle.min(), angle.max()) == pytest.approx((-np.pi / 5, np.pi / 5), abs=1e-3)
            # The source of the image's centre gives the translation before rotation.
            centre = matrices @ np.array([13.5, 13.5, 1.0])
            for axis in (0, 1):
                shift = 13.5 - centre[:, axis]
                assert (shift.min(), shift.max()) == pytest.approx((-2.8, 2.8), abs=0.01)


def test_a_shear_is_keras_own_about_the_centre():
    shear_x, shear_y = np.random.default_rng(3).uniform(-0.3, 0.3, (2, 50))
    layer = keras.layers.RandomShear(0.3, 0.3)
    rows = np.asarray(layer._get_shear_matrix(np.stack([shear_x, shear_y], axis=1)))
    theirs = np.concatenate([rows, np.ones((50, 1))], axis=1).reshape(-1, 3, 3)
    to_centre, back = (
        translation_matrices(np.full(50, sign * 15.5), np.full(50, sign * 9.5)) for sign in (1, -1)
    )
    ours = shear_matrices(shear_x, shear_y, WIDE)
    np.testing.assert_allclose(ours, back @ theirs @ to_centre, atol=1e-5)


def test_shears_fill_their_range_evenly_and_join_every_kind():
    for kind in KINDS:
        still = RANGES | dict.fromkeys(kind, 0) | {"shear": 0.2}
        maps = draw_warps(np.random.default_rng(2), 20_000, kind, still, SHAPE).maps
        for place in ((0, 1), (1, 0)):
            shear = maps[:, *place]
            assert (shear.min(), shear.max()) == pytest.approx((-0.2, 0.2), abs=1e-3)
            assert shear.mean() == pytest.approx(0, abs=0.004)
        assert abs(np.corrcoef(maps[:, 0, 1], maps[:, 1, 0])[0, 1]) < 0.03


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_added_leaves_the_other_parameters_as_they_were(kind):
    def drawn(**changes):
        return draw_warps(np.random.default_rng(2), 5, kind, RANGES | changes, SHAPE)

    plain = drawn()
    assert plain.streams == {}
    bent = drawn(elastic_alpha=9)
    np.testing.assert_array_equal(bent.maps, plain.maps)
    assert len(set(bent.streams["elastic_alpha"])) == 5
    # A shear of nearly nothing is nearly the same map.
    np.testing.assert_allclose(drawn(shear=1e-7).maps, plain.maps, atol=1e-5)


def test_a_field_moves_each_pixel_by_itself():
    images = strokes(3, WIDE)
    fields = np.zeros((3, 2, *WIDE), np.float32)
    fields[:, 0, 5], fields[:, 1, :, 20] = 2, -3
    moved = warp(images, np.tile(np.eye(3), (3, 1, 1)), fields)
    y, x = np.mgrid[:20, :32]
    padded = np.pad(images, ((0, 0), (3, 3), (3, 3)))
    shift_x, shift_y = (fields[0, axis].astype(int) for axis in (0, 1))
    np.testing.assert_array_equal(moved, padded[:, y + shift_y + 3, x + shift_x + 3])


def test_a_field_is_added_to_the_affine_map():
    images = blobs(20)
    drawn = Drawn(20)
    matrices = drawn.ours("zoom")
    fields = np.zeros((20, 2, *SHAPE), np.float32)
    fields[:, 0], fields[:, 1] = 1.25, -0.5
    shifted = matrices.copy()
    shifted[:, :2, 2] += 1.25, -0.5
    difference = warp(images, matrices, fields).astype(int) - warp(images, shifted)
    assert np.abs(difference).max() <= 1


NONE = np.empty((0, *SHAPE), np.uint8)


def collect(images: np.ndarray, held_out: np.ndarray = NONE, **changes) -> np.ndarray:
    settings_ = {"copies": 2, "ranges": RANGES, "seed": 422, "fold": 0} | changes
    chunks = augmented_chunks(ImageTable(images), HeldOut([ImageTable(held_out)]), **settings_)
    return np.concatenate(list(chunks))


def test_originals_come_first_and_copies_are_fresh():
    images = strokes(50)
    blocks = collect(images).reshape(7, 50, *SHAPE)
    np.testing.assert_array_equal(blocks[0], images)
    for number in range(7):
        for other in range(number):
            assert (blocks[number] != blocks[other]).any(axis=(1, 2)).all()


def test_copies_are_a_function_of_seed_and_fold(monkeypatch):
    images = strokes(50)
    once = collect(images)
    np.testing.assert_array_equal(once, collect(images))
    assert (collect(images, seed=423)[50:] != once[50:]).any()
    assert (collect(images, fold=1)[50:] != once[50:]).any()
    # More copies leave the first ones as they are.
    more = collect(images, copies=3).reshape(10, 50, *SHAPE)
    fewer = once.reshape(7, 50, *SHAPE)
    np.testing.assert_array_equal(more[[0, 1, 2, 4, 5, 7, 8]], fewer)
    monkeypatch.setattr("digits.data.image_tables.CHUNK", 7)
    np.testing.assert_array_equal(collect(images), once)


def test_a_copy_that_happens_to_be_a_held_out_image_gives_way_to_the_image_itself():
    images = strokes(40)
    free = collect(images).reshape(7, 40, *SHAPE)
    taken = [(2, 5), (4, 17), (6, 0)]
    held_out = np.array([free[place] for place in taken])
    kept = collect(images, held_out).reshape(7, 40, *SHAPE)
    for block, image in taken:
        np.testing.assert_array_equal(kept[block, image], images[image])
        free[block, image] = images[image]
    np.testing.assert_array_equal(kept, free)


def test_a_stroke_that_is_moved_out_of_sight_is_no_blank_validation_image():
    edge = np.zeros((200, *SHAPE), np.uint8)
    edge[:, 6:20, 0] = np.random.default_rng(0).integers(1, 256, (200, 14))
    blank = np.zeros((1, *SHAPE), np.uint8)
    assert not collect(edge).any(axis=(1, 2)).all()
    assert collect(edge, blank).any(axis=(1, 2)).all()


def test_one_more_transform_is_one_function(monkeypatch):
    def flip(uniform, image_shape):
        (side,) = np.sign(uniform(1))
        maps = np.tile(np.eye(3), (len(side), 1, 1))
        maps[:, 0, 0], maps[:, 0, 2] = side, (side < 0) * (image_shape[1] - 1)
        return maps

    monkeypatch.setitem(AFFINE, "flip", flip)
    images = strokes(50)
    still = dict.fromkeys(RANGES, 0) | {"elastic_sigma": 4, "flip": 1}
    blocks = collect(images, ranges=still).reshape(7, 50, *SHAPE)
    flipped = (blocks == images[:, :, ::-1]).all(axis=(2, 3))
    assert (flipped | (blocks == images).all(axis=(2, 3))).all()
    assert 0.4 < flipped[1:].mean() < 0.6


@pytest.mark.parametrize("change", [{"shear": 0.3}, {"elastic_alpha": 30}])
def test_copies_of_every_kind_are_sheared_or_bent_once_that_is_asked_for(change):
    images = strokes(50)
    plain = collect(images).reshape(7, -1)
    changed = collect(images, ranges=RANGES | change).reshape(7, -1)
    assert [(a == b).all() for a, b in zip(plain, changed, strict=True)] == [True] + [False] * 6


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.fixed_dictionaries(
        {name: st.sampled_from([0, 0.2]) for name in AFFINE}
        | {"elastic_alpha": st.sampled_from([0, 9]), "elastic_sigma": st.just(2)}
    ),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
)
def test_equal_channels_of_an_image_are_moved_as_the_grey_image_is(kind, ranges, shape):
    grey = np.random.default_rng(1).integers(0, 256, (5, *shape), dtype=np.uint8)
    warps = draw_warps(np.random.default_rng(2), 5, kind, ranges, shape)
    copies = make_copies(np.stack([grey] * 3, axis=-1), warps, ranges)
    expected = make_copies(grey, warps, ranges)
    np.testing.assert_array_equal(copies, np.stack([expected] * 3, axis=-1))


def test_colours_in_a_tensor_have_the_geometry_of_grey_images():
    grey = strokes(6, (16, 20))
    colours = np.stack([grey, 255 - grey, grey // 2], axis=-1)
    how = {"copies": 1, "ranges": RANGES | {"elastic_alpha": 5}, "seed": 1, "fold": 0}
    held_out = HeldOut([])
    found = np.concatenate(list(augmented_chunks(ImageTable(colours), held_out, **how)))
    assert found.shape == (24, 16, 20, 3)
    for channel in range(3):
        plane = np.ascontiguousarray(colours[..., channel])
        alone = np.concatenate(list(augmented_chunks(ImageTable(plane), held_out, **how)))
        np.testing.assert_array_equal(found[..., channel], alone)
    held_out = HeldOut([ImageTable(found[6:7])])
    last = np.concatenate(list(augmented_chunks(ImageTable(colours), held_out, **how)))
    np.testing.assert_array_equal(last[6], colours[0])
