"""The figures. Every public function named after a plot returns a Matplotlib figure.

Matplotlib is imported here so that it reads none of the user's settings, neither from environment
variables nor from a ``matplotlibrc`` in the working folder.
"""

import logging
import os
from contextlib import chdir
from pathlib import Path

from digits.core import environment

environment.settle(environment.for_plots(os.environ, environment.own_cache("matplotlib")))
# It logs that building its font cache takes a while.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
with chdir(Path(__file__).parent):
    import matplotlib  # noqa: F401
