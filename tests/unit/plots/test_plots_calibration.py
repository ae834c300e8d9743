import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.core.design import Design
from digits.evaluation.calibration import expected_calibration_error, reliability
from digits.evaluation.intervals import wilson
from digits.plots import calibration
from digits.plots.style import BLUE, save

pytestmark = pytest.mark.filterwarnings("error")
DESIGN = Design({"layers": tuple(range(1, 41)), "nodes": (9,)})


def tables(models: int, predictions: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves and errors of some cells, and of an ensemble, made up."""
    generator = np.random.default_rng(2)
    curves, errors = [], []
    for number in range(1, models + 1):
        confidence = generator.uniform(0.3, 1, predictions)
        right = generator.random(predictions) < confidence**2
        head = {"model": f"{number}L9N" if number < models else "ensemble"}
        curve = reliability(confidence, right)
        curves.append(curve.assign(**head))
        ece = expected_calibration_error(curve)
        means = {"accuracy": right.mean(), "confidence": 0.65, "ece": ece, "expected_ece": 0.0123}
        errors.append(head | means)
    return pd.concat(curves), pd.DataFrame(errors)


def draw(models: int, predictions: int = 400):
    shown = [(number, 9) for number in range(1, models)]
    return calibration.reliability(*tables(models, predictions), shown, DESIGN)


def panels(figure) -> list:
    return [axes for axes in figure.axes if axes.axison]


def test_there_is_a_panel_per_cell_and_one_for_the_ensemble_with_what_chance_would_show():
    _, errors = tables(6)
    figure = draw(6)
    titles = [axes.get_title(loc="left") for axes in panels(figure)]
    assert titles == [*(f"{number} × 9" for number in range(1, 6)), "ensemble"]  # noqa: RUF001
    (text,) = [text.get_text() for text in panels(figure)[0].texts]
    accuracy, ece = errors.loc[0, ["accuracy", "ece"]]
    assert text == (f"confidence 65.0%\naccuracy {accuracy:.1%}\nECE {ece:.2%}\nby chance 1.23%")
    assert f"ensemble {errors['ece'][5]:.2%}" in figure.get_label()


def test_only_the_cells_that_are_shown_have_panels_in_their_order():
    figure = calibration.reliability(*tables(9), [(7, 9), (2, 9)], DESIGN)
    titles = [axes.get_title(loc="left") for axes in panels(figure)]
    assert titles == ["7 × 9", "2 × 9", "ensemble"]  # noqa: RUF001
    assert figure.get_suptitle().startswith("Calibration: the 2 most accurate of 40 cells")


def test_a_panel_draws_accuracy_over_confidence_with_its_interval():
    curves, _ = tables(1)
    (axes,) = panels(draw(1))
    (points,) = [line for line in axes.lines if line.get_color() == BLUE]
    np.testing.assert_allclose(points.get_xydata(), curves[["confidence", "accuracy"]])
    segments = np.array(axes.containers[0].lines[2][0].get_segments())[:, :, 1]
    np.testing.assert_allclose(segments, curves[["accuracy_low", "accuracy_high"]])


@given(st.floats(0.05, 0.999), st.integers(20, 5000))
def test_the_band_of_a_calibrated_network_ends_where_wilson_intervals_end_at_the_confidence(
    share, count
):
    for end, side in zip(
        calibration.chance_band(np.array([share]), np.array([count])), (1, 0), strict=True
    ):
        if 0 < end[0] < 1:
            interval = wilson(count * end[0], count)
            assert interval[side] == pytest.approx(share, abs=1e-3)


def test_halving_the_error_is_the_same_step_anywhere_but_close_to_100_percent():
    steps = np.diff(calibration.to_step(np.array([0.2, 0.6, 0.8, 0.9])))
    np.testing.assert_allclose(steps, np.log(2), atol=0.02)
    shares = np.linspace(0, 1, 11)
    np.testing.assert_allclose(
        calibration.to_share(calibration.to_step(shares)), shares, atol=1e-12
    )


@pytest.mark.parametrize("models", [1, 5])
def test_any_number_of_models_can_be_drawn_and_gives_the_same_bytes_twice(tmp_path, models):
    for name in ("a.svg", "b.svg"):
        save(draw(models, 12), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_without_a_result_there_is_only_text():
    curves, errors = tables(1)
    figure = calibration.reliability(curves[:0], errors[:0], [], DESIGN)
    assert not figure.axes
    assert figure.texts[0].get_text() == "No training ended with a result."
