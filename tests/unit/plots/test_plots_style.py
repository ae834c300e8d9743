import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core.errors import ConfigError
from digits.plots.style import (
    PALETTE,
    fix_ticks,
    level_colours,
    level_styles,
    new_figure,
    save,
    shortened,
    text_colour,
    use_style,
    wrapped,
)

SCRIPTS = Path(__file__).parents[3] / "scripts"
DRAW = """
import sys
from pathlib import Path
from digits.plots.style import new_figure, save, use_style
with use_style():
    figure = new_figure(3, 2, "A line")
    axes = figure.add_subplot(title="Title", xlabel="x")
    axes.plot([0, 1], [1, 0])
    axes.imshow([[0, 1], [1, 0]])
save(figure, Path(sys.argv[1]))
"""


@use_style()
def line(description: str = "A falling line") -> matplotlib.figure.Figure:
    figure = new_figure(3, 2, description)
    figure.add_subplot(title="Title").plot([0, 1], [1, 0])
    return figure


def luminance(colour) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4
        for share in matplotlib.colors.to_rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_same_figure_gives_the_same_bytes_in_another_process(tmp_path):
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-W", "error", "-c", DRAW, str(tmp_path / f"{seed}.svg")],
            env={**os.environ, "PYTHONPATH": str(SCRIPTS), "PYTHONHASHSEED": seed},
            check=True,
        )
    assert (tmp_path / "1.svg").read_bytes() == (tmp_path / "2.svg").read_bytes()


def test_svg_has_a_title_for_screen_readers_and_neither_date_nor_font(tmp_path):
    save(line(), tmp_path / "plot.svg")
    text = (tmp_path / "plot.svg").read_text()
    assert "<title>A falling line</title>" in text
    assert "<dc:date>" not in text
    assert "<text" not in text and "font-family" not in text


def test_description_is_escaped(tmp_path):
    save(line("a < b & c"), tmp_path / "plot.svg")
    assert "<title>a &lt; b &amp; c</title>" in (tmp_path / "plot.svg").read_text()


@use_style()
def laid_out() -> matplotlib.figure.Figure:
    """A figure whose parts make room for each other: a colour bar, a legend, turned labels."""
    figure = new_figure(5, 3, "An image and a line")
    left, right = figure.subplots(1, 2)
    figure.colorbar(left.imshow([[0, 1], [1, 0]]), ax=left, label="share")
    right.plot([0, 1], [1, 0], label="a line")
    fix_ticks(right.xaxis, [0, 1], ["a long label", "another"], room=3)
    figure.legend(loc="outside lower center")
    figure.suptitle("Title", x=0.01, ha="left")
    return figure


def test_an_svg_is_the_one_that_matplotlib_saves_but_drawn_once(tmp_path):
    metadata = {"Date": None, "Creator": None, "Title": "An image and a line"}
    with use_style():
        laid_out().savefig(tmp_path / "theirs.svg", metadata=metadata)
    figure, drawn = laid_out(), []
    (line,) = figure.axes[1].lines
    draw = line.draw
    line.draw = lambda renderer: (drawn.append(renderer), draw(renderer))
    save(figure, tmp_path / "ours.svg")
    assert (tmp_path / "ours.svg").read_bytes() == (tmp_path / "theirs.svg").read_bytes()
    assert len(drawn) == 1


def test_png_is_written_by_suffix(tmp_path):
    save(line(), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_other_suffixes_are_refused_and_leave_nothing(tmp_path):
    with pytest.raises(ConfigError, match=re.escape("plot.jpg: plots are written as .svg or .png")):
        save(line(), tmp_path / "plot.jpg")
    assert list(tmp_path.iterdir()) == []


def test_a_figure_that_cannot_be_drawn_leaves_the_old_file(tmp_path):
    path = tmp_path / "plot.svg"
    save(line(), path)
    before = path.read_bytes()
    broken = line()
    broken.axes[0].set_title(r"$\nosuchsymbol$", parse_math=True)
    with pytest.raises(ValueError, match="nosuchsymbol"):
        save(broken, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_users_own_settings_do_not_change_the_bytes(tmp_path):
    save(line(), tmp_path / "plain.svg")
    with matplotlib.rc_context({"lines.linewidth": 9, "svg.fonttype": "none", "font.size": 20}):
        save(line(), tmp_path / "styled.svg")
    assert (tmp_path / "plain.svg").read_bytes() == (tmp_path / "styled.svg").read_bytes()


def test_style_ends_with_its_block():
    before = matplotlib.rcParams.copy()
    with use_style():
        assert matplotlib.rcParams["svg.hashsalt"] == "digits"
    assert matplotlib.rcParams == before


def test_levels_have_distinct_colours_that_grow_lighter():
    for count in range(1, 9):
        colours = level_colours(count)
        shades = [luminance(colour) for colour in colours]
        assert len(set(colours)) == count
        assert shades == sorted(shades)
        assert all(contrast(colour, "white") > 2 for colour in colours)


def test_palette_is_okabe_and_itos():
    published = {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00"}
    assert set(PALETTE) <= published | {"#CC79A7"}
    assert len(set(PALETTE)) == len(PALETTE)


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_text_is_readable_on_any_background(background):
    chosen = text_colour(background)
    assert contrast(chosen, background) > 4.5  # what WCAG asks of text


def test_labels_are_cut_turned_where_there_is_no_room_and_never_taken_for_formulas(tmp_path):
    assert shortened("T-shirt/top") == "T-shirt/top"
    assert shortened("a" * 15) == "a" * 13 + "…"
    for labels, angle in ((["A", "B"], 0), (["$\\nosuchsymbol$", "B"], 45)):
        with use_style():
            figure = new_figure(3, 2, "Ticks")
            axes = figure.add_subplot()
            fix_ticks(axes.xaxis, [0, 1], labels, room=5)
        save(figure, tmp_path / "plot.svg")
        assert [tick.get_rotation() for tick in axes.get_xticklabels()] == [angle] * 2


def test_numbers_have_colours_from_dark_to_light_and_texts_those_of_the_palette():
    numbers, words = level_styles([2, 3, 5]), level_styles(["sgd", "adam"])
    assert [style["color"] for style in numbers.values()] == level_colours(3)
    assert [style["color"] for style in words.values()] == list(PALETTE[:2])


def test_many_levels_have_different_styles():
    for levels in (list(range(20)), [f"level {number}" for number in range(20)]):
        styles = [tuple(style.values()) for style in level_styles(levels).values()]
        assert len(set(styles)) == 20


@pytest.mark.parametrize(
    ("length", "lines"),
    [
        (40, ["5 by 200, adamw, learning rate 0.03"]),
        (16, ["5 by 200, adamw,", "learning rate 0.03"]),
        (20, ["5 by 200, adamw,", "learning rate 0.03"]),
        (5, ["5 by 200,", "adamw,", "learning rate 0.03"]),
    ],
)
def test_labels_are_broken_between_levels(length, lines):
    assert wrapped("5 by 200, adamw, learning rate 0.03", length).splitlines() == lines


def test_what_matplotlib_writes_for_help_is_left_out_and_properties_are_set_all_the_same():
    [axes] = new_figure(2, 2, "A plot").subplots(1, 1, squeeze=False)[0]
    assert "set_xlabel" not in (type(axes).set.__doc__ or "")
    axes.set(xlabel="epoch")
    assert axes.get_xlabel() == "epoch"
    with pytest.raises(AttributeError, match=r"unexpected keyword argument 'colour'"):
        axes.set(colour="red")
