"""The plots, one module per stage. Every function returns a Matplotlib figure; none shows one.

Matplotlib is imported here so that it reads no settings of the user's: neither those that
environment variables name nor a ``matplotlibrc`` in the working folder.
"""

import logging
import os
from contextlib import chdir
from pathlib import Path

from digits.core import environment

environment.settle(environment.for_plots(os.environ, environment.own_cache("matplotlib")))
# It says so if making its cache of fonts takes a while.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
with chdir(Path(__file__).parent):
    import matplotlib  # noqa: F401
