"""Code that is edited during a run leaves no results under the identity of the planned code."""

import re
import subprocess
import sys
import time

from conftest import ROOT, copy_checkout

RUN = [sys.executable, "-m", "snakemake", "--cores", "1", "results/demo/folds/fold-0/train.parquet"]


def test_a_job_that_starts_after_an_edit_is_refused_and_runs_once_it_is_taken_back(tmp_path):
    copy_checkout(ROOT, tmp_path)
    module = tmp_path / "scripts/digits/data/folds.py"
    planned = module.read_text()
    edited = planned.replace("generator.shuffle(own)", "own.sort()")
    assert edited != planned
    with subprocess.Popen(
        RUN, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        while not (tmp_path / ".snakemake/digits/plans/demo.json").exists() and run.poll() is None:
            time.sleep(0.01)
        # The images are not yet made, so the job that splits them has not started.
        module.write_text(edited)
        output, _ = run.communicate()
    assert run.returncode == 1, output
    errors = re.findall(r"^error: (.*)$", output, re.MULTILINE)
    assert errors == [
        "split_folds: the code was changed while the run was under way;"
        " this job's results are discarded, run again"
    ]
    assert not (tmp_path / "results/demo/folds/fold-0/train.parquet").exists()

    module.write_text(planned)
    again = subprocess.run(RUN, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    log = max(tmp_path.glob(".snakemake/log/*")).read_text()
    assert re.findall(r"^(?:local)?rule (\w+):", log, re.MULTILINE) == ["split_folds"]
