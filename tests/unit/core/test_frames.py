"""Tables are read without pyarrow, which pandas would import; the texts in them are the same."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[3] / "scripts"
READ = """
import sys
import write_report, plot_cells, plot_results, plot_effects, tabulate_results
print("pyarrow" in sys.modules)
from digits.core.tables import read_table
from pathlib import Path
import pyarrow
table = read_table(Path(sys.argv[1]), ["label", "count"])
print(table["label"].tolist(), table["count"].tolist(), table["label"].value_counts().to_dict())
"""


WITHOUT = """
import sys
import predict_cell, write_submissions, check_trials, embed_networks, tabulate_costs, plot_data
print("pandas" in sys.modules)
"""


def test_programs_of_no_tables_import_no_pandas():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=SCRIPTS, capture_output=True, check=True, text=True
    )
    assert done.stdout == "False\n"


def test_programs_of_tables_import_no_pyarrow_and_may_do_so_later(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("label,count\n01,1\né,2\n01,3\n", encoding="utf-8")
    command = [sys.executable, "-c", READ, str(path)]
    done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == "False\n['01', 'é', '01'] [1, 2, 3] {'01': 2, 'é': 1}\n"
