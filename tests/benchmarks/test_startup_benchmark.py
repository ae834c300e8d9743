"""The seconds of a process are split into interpreter, imports, TensorFlow and work."""

import json
import sys

import pytest
from harness import HERE, run
from startup import add_up, table

SLOW = "import time; time.sleep({})\n"


@pytest.fixture
def record(tmp_path):
    """Run a program beside slow packages, among them one that is called as TensorFlow is."""
    package = tmp_path / "tensorflow"
    package.mkdir()
    (package / "__init__.py").write_text(SLOW.format(0.3))
    (tmp_path / "network.py").write_text(SLOW.format(0.2) + "import tensorflow\n")
    program = tmp_path / "train_cell.py"
    program.write_text("import network\nimport network, tensorflow\n" + SLOW.format(0.4))
    records = tmp_path / "records.jsonl"
    environment = {"PYTHONPATH": str(HERE), "STARTUP_RECORDS": str(records)}
    seconds = run([sys.executable, program], environment=environment).seconds
    return json.loads(records.read_text()) | {"seconds": seconds}


def test_imports_are_told_from_tensorflow_inside_them_and_from_work(record):
    assert record["program"] == "train_cell"
    assert record["tensorflow"] >= 0.3
    assert record["imports"] >= 0.2
    assert record["work"] >= 0.4
    assert record["interpreter"] >= 0


def test_nothing_counts_twice(record):
    parts = [record[part] for part in ("interpreter", "imports", "tensorflow", "work")]
    # The start of a process is known to a hundredth of a second.
    assert sum(parts) <= record["seconds"] + 0.02


def test_an_ordinary_process_is_left_alone(tmp_path):
    shown = run(
        [sys.executable, "-c", "import builtins; print(type(builtins.__import__).__name__)"],
        environment={"PYTHONPATH": str(HERE)},
    )
    assert shown.output.strip() == "builtin_function_or_method"


def line(program, work):
    parts = {"interpreter": 0.25, "imports": 0.5, "tensorflow": 0.0, "work": work}
    return json.dumps({"program": program} | parts)


def test_jobs_are_added_up_by_rule_and_other_processes_left_out():
    lines = [line("plot_cells", 1.0), line("train_cell", 8.0), line("plot_cells", 2.0)]
    seconds = add_up([*lines, line("__main__", 100.0)], {"plot_cells", "train_cell"})
    assert list(seconds) == ["train_cell", "plot_cells", "all"]
    assert seconds["plot_cells"]["jobs"] == 2
    assert seconds["plot_cells"]["total"] == 4.5
    assert seconds["all"]["work"] == 11
    assert seconds["all"]["total"] == 13.25


def test_before_and_after_stand_in_one_cell():
    rules = {"plot_cells", "draw_graphs"}
    before = add_up([line("plot_cells", 3.0), line("draw_graphs", 1.0)], rules)
    rows = {row["rule"]: row for row in table([before, add_up([line("plot_cells", 1.0)], rules)])}
    assert rows["plot_cells"]["work"] == "3.0 → 1.0"
    assert rows["draw_graphs"]["jobs"] == "1 → "
