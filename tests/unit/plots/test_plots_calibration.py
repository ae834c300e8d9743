import numpy as np
import pandas as pd
import pytest

from digits.evaluation.calibration import expected_calibration_error, reliability
from digits.plots import calibration
from digits.plots.style import BLUE, save

pytestmark = pytest.mark.filterwarnings("error")


def tables(models: int, predictions: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves and errors of some cells, and of an ensemble, made up."""
    generator = np.random.default_rng(2)
    curves, errors = [], []
    for layers in range(1, models + 1):
        confidence = generator.uniform(0.3, 1, predictions)
        right = generator.random(predictions) < confidence**2
        cell = (f"{layers}L9N", layers, 9) if layers < models else ("ensemble", None, None)
        head = dict(zip(("model", "layers", "nodes"), cell, strict=True))
        curve = reliability(confidence, right)
        curves.append(curve.assign(**head))
        ece = expected_calibration_error(curve)
        errors.append(head | {"accuracy": right.mean(), "confidence": 0.65, "ece": ece})
    return pd.concat(curves), pd.DataFrame(errors)


def panels(figure) -> list:
    return [axes for axes in figure.axes if axes.axison]


def test_there_is_a_panel_per_cell_and_one_for_the_ensemble():
    curves, errors = tables(6)
    figure = calibration.reliability(curves, errors)
    titles = [axes.get_title(loc="left") for axes in panels(figure)]
    assert len(titles) == 6
    assert titles[0] == f"1 × 9: ECE {errors['ece'][0]:.2%}"  # noqa: RUF001
    assert titles[-1].startswith("ensemble: ECE ")
    means = [text.get_text() for text in panels(figure)[0].texts]
    assert means == [f"mean confidence 65.0%\naccuracy {errors['accuracy'][0]:.1%}"]
    assert f"ensemble {errors['ece'][5]:.2%}" in figure.get_label()


def test_a_panel_draws_accuracy_over_confidence_and_bins_of_few_predictions_apart():
    curves, errors = tables(1)
    (axes,) = panels(calibration.reliability(curves, errors))
    many, few = curves[curves["count"] >= 10], curves[curves["count"].between(1, 9)]
    lines = [line for line in axes.lines if line.get_color() == BLUE and len(line.get_xdata()) > 0]
    drawn = [line.get_xydata() for line in lines if line.get_marker() == "o"]
    np.testing.assert_allclose(drawn[0], many[["confidence", "accuracy"]])
    assert len(drawn) == (2 if len(few) else 1)
    heights = [bar.get_height() for bar in axes.patches]
    np.testing.assert_allclose(heights, curves["count"] / curves["count"].sum())


def test_error_bars_end_at_the_interval():
    curves, errors = tables(1)
    (axes,) = panels(calibration.reliability(curves, errors))
    many = curves[curves["count"] >= 10]
    segments = np.array(axes.collections[0].get_segments())[:, :, 1]
    np.testing.assert_allclose(segments, many[["accuracy_low", "accuracy_high"]])


@pytest.mark.parametrize("models", [1, 2, 9])
def test_any_number_of_models_can_be_drawn_and_gives_the_same_bytes_twice(tmp_path, models):
    for name in ("a.svg", "b.svg"):
        save(calibration.reliability(*tables(models, 12)), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_without_a_result_there_is_only_text():
    curves, errors = tables(1)
    figure = calibration.reliability(curves[:0], errors[:0])
    assert not figure.axes
    assert figure.texts[0].get_text() == "No training ended with a result."
