"""The style of all plots, and saving them so that the same figure gives the same bytes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, PercentFormatter

from digits.core.atomic_files import replacing
from digits.core.design import Level
from digits.core.errors import ConfigError

matplotlib.use("Agg")

# Okabe and Ito's palette: distinguishable with every kind of colour vision.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
INK, MUTED, PAPER, BLANK = "#1f2328", "#59616b", "#eeeeea", "#d9d9d4"
PALETTE = (BLUE, VERMILLION, GREEN, "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

# Dark strokes on light paper: a tile stands out from the white around it, and prints well.
STROKES = LinearSegmentedColormap.from_list("strokes", [PAPER, "#8f8f8c", "#0b0b0b"]).with_extremes(
    bad="white"
)

RC = {
    "font.family": "DejaVu Sans",  # comes with Matplotlib, so it is everywhere
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelsize": 8.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": matplotlib.cycler(color=PALETTE),
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a label may hold dollar signs
    "grid.color": "#e4e4e0",
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "text.color": INK,
    "lines.linewidth": 1.8,
    "lines.markersize": 4,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.titlesize": 10.5,
    "figure.titleweight": "bold",
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.dpi": 150,
    # Glyphs as outlines: the text looks the same where the font is missing. Screen readers
    # read the title of the SVG.
    "svg.fonttype": "path",
    "svg.hashsalt": "digits",
}
METADATA = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}


@contextmanager
def use_style() -> Iterator[None]:
    """Draw in the shared style, whatever the user's own ``matplotlibrc`` sets.

    Also a decorator: ``@use_style()``.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC)
        yield


def new_figure(width: float, height: float, description: str) -> Figure:
    """Make an empty figure of a size in inches; ``description`` is its text for screen readers."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.set_label(description)
    return figure


def text_only(title: str, text: str, description: str = "") -> Figure:
    """Make a small figure of a title and a sentence, where there is nothing to draw."""
    figure = new_figure(5.4, 1.1, description or f"{title}: {text}")
    figure.text(0.01, 0.35, f"{text[:1].upper()}{text[1:]}.")
    figure.suptitle(title, x=0.01, ha="left")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure atomically as SVG or PNG, by the suffix of ``path``.

    The same figure gives the same bytes: no date, no random ids. The label of the figure becomes
    the title of an SVG.

    Raises
    ------
    ConfigError
        If the suffix is neither ``.svg`` nor ``.png``.
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in METADATA:
        raise ConfigError(f"{path}: plots are written as .svg or .png, not as {path.suffix!r}")
    metadata = METADATA[kind] | ({"Title": figure.get_label()} if figure.get_label() else {})
    with use_style(), replacing(path) as temporary:
        if kind == "svg":
            lay_out(figure)
        figure.savefig(temporary, format=kind, metadata=metadata)


def lay_out(figure: Figure) -> None:
    """Lay out a figure for SVG, once and for all.

    A figure that is not laid out when it is saved is drawn twice, the first time to nowhere.
    """
    FigureCanvasSVG(figure)  # which becomes the figure's, and measures its texts
    engine = figure.get_layout_engine()
    if engine and figure.axes:
        engine.execute(figure)
    figure.set_layout_engine(None)


def level_colours(count: int) -> list[str]:
    """Return ``count`` colours, dark to light, for the levels of an ordered factor."""
    plasma = matplotlib.colormaps["plasma"]
    return [to_hex(plasma(0.75 * level / max(count - 1, 1))) for level in range(count)]


def level_styles(levels: Sequence[Level]) -> dict[Level, dict[str, str]]:
    """Return a colour and a marker for each level of a factor: dark to light if it is numeric."""
    texts = any(isinstance(level, str) for level in levels)
    colours = PALETTE if texts else level_colours(len(levels))
    count = len(MARKERS)
    return {
        level: {
            "color": colours[place % len(colours)],
            "marker": MARKERS[(place + place // count) % count],
        }
        for place, level in enumerate(levels)
    }


def text_colour(background: Sequence[float]) -> str:
    """Return black or white, whichever has the higher contrast on an RGB(A) background."""
    shares = np.asarray(background[:3], dtype=float)
    linear = np.where(shares <= 0.03928, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))  # as WCAG 2 defines it
    return "black" if luminance > 0.179 else "white"


def shortened(label: object, length: int = 14) -> str:
    """Cut a label that has more than ``length`` characters."""
    text = str(label)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def fix_ticks(
    axis: Axis, positions: list[float], labels: Sequence[str] | None = None, *, room: int = 99
) -> None:
    """Put ticks at ``positions`` only, without minor ticks.

    Labels are turned if any has more than ``room`` characters.
    """
    axis.set_major_locator(FixedLocator(positions))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    if labels is not None:
        turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
        axis.set_ticklabels(labels, **turned if max(map(len, labels), default=0) > room else {})


def show_percent(axes: Axes) -> None:
    """Label the y axis in percent, with a light grid."""
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.grid(True)


def wrapped(label: str, length: int) -> str:
    """Break a cell's label between its levels, into lines of at most ``length`` characters.

    A level that is longer has a line of its own.
    """
    lines: list[str] = []
    for part in label.split(", "):
        if lines and len(lines[-1]) + len(part) + 3 <= length:
            lines[-1] += f", {part}"
        else:
            lines.append(part)
    return ",\n".join(lines)


def say_none(axes: Axes) -> None:
    """Write into an axes that there is nothing to draw."""
    axes.text(0.5, 0.5, "no cell has a result", transform=axes.transAxes, ha="center", va="center")
