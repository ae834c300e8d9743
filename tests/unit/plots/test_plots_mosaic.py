import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digits.plots import mosaic
from digits.plots.style import new_figure

sizes = st.integers(1, 4)


def numbered(rows: int, columns: int, shape: tuple[int, int]) -> np.ma.MaskedArray:
    tiles = mosaic.blank_tiles(rows, columns, shape)
    tiles[:] = np.arange(tiles.size).reshape(tiles.shape)
    return tiles


@given(sizes, st.lists(sizes, min_size=1, max_size=4), st.tuples(sizes, sizes))
def test_every_pixel_is_shown_once_and_in_order(rows, groups, shape):
    tiles = numbered(rows, sum(groups), shape)
    picture = mosaic.lay_out(tiles, groups)
    height, width = shape
    for row, y in enumerate(picture.rows):
        for column, x in enumerate(picture.columns):
            top, left = round(y - (height - 1) / 2), round(x - (width - 1) / 2)
            shown = picture.pixels[top : top + height, left : left + width]
            np.testing.assert_array_equal(shown, tiles[row, column])
    assert picture.pixels.count() == tiles.size


def test_groups_are_further_apart_than_their_members():
    picture = mosaic.lay_out(numbered(1, 4, (2, 2)), [1, 3])
    first, *rest = np.diff(picture.columns)
    assert rest == [2 + mosaic.GAP] * 2
    assert first == 2 + mosaic.GROUP_GAP
    assert mosaic.group_centres(picture, [1, 3]) == [picture.columns[0], picture.columns[2]]


def test_blank_tiles_stay_blank():
    tiles = numbered(1, 2, (3, 3))
    tiles[0, 1] = np.ma.masked
    picture = mosaic.lay_out(tiles)
    assert picture.pixels.mask[:, 3:].all()
    assert not picture.pixels.mask[:, :3].any()


def test_colours_are_drawn_as_they_are_and_gaps_are_invisible():
    tiles = mosaic.blank_tiles(1, 2, (2, 2, 3))
    tiles[0, 0] = np.arange(12).reshape(2, 2, 3) * 20.4
    picture = mosaic.lay_out(tiles)
    axes = new_figure(2, 2, "").add_subplot()
    drawn = mosaic.draw(axes, picture, ["a"]).get_array()
    assert drawn.shape == (2, 4 + mosaic.GAP, 4)
    np.testing.assert_array_equal(drawn[:, :2, :3], np.round(tiles[0, 0]))
    assert (drawn[:, :2, 3] == 255).all()
    assert not drawn[:, 2:, 3].any()
