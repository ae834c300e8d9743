"""How a program's process ends."""

import subprocess
import sys
from pathlib import Path

from digits.workflow import job

SCRIPTS = Path(job.__file__).parents[2]
PROGRAM = """
import atexit, gc

# What is registered first runs last.
atexit.register(lambda: print(gc.get_freeze_count() > 1000))

from digits.workflow import job
"""


def test_a_program_ends_without_a_look_for_garbage_among_all_that_it_imported():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=SCRIPTS, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"
