import pytest

import plot_effects
from digits.analysis.vocabulary import CELLS, EFFECTS
from digits.core.errors import DataError


def test_a_missing_column_is_reported_with_the_file(tmp_path):
    for name, columns in (("cells", CELLS[:-1]), ("effects", EFFECTS), ("comparisons", ["test"])):
        (tmp_path / f"{name}.csv").write_text(f"{','.join(columns)}\n{',' * (len(columns) - 1)}\n")
    options = [f"--{name}={tmp_path / name}.csv" for name in ("cells", "effects", "comparisons")]
    plots = [f"--{name}={tmp_path / name}.svg" for name in ("effects-plot", "differences", "cost")]
    with pytest.raises(DataError, match=r"cells\.csv: no column 'pick'"):
        plot_effects.main([*options, *plots])
    (tmp_path / "cells.csv").write_text(f"{','.join(CELLS)}\n2L100N{',1' * (len(CELLS) - 1)}\n")
    with pytest.raises(DataError, match=r"comparisons\.csv: no column 'first'"):
        plot_effects.main([*options, *plots])
    assert not list(tmp_path.glob("*.svg"))
