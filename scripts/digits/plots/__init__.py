"""The figures. Every public function named after a plot returns a Matplotlib figure.

Matplotlib is imported here so that it reads none of the user's settings, neither from environment
variables nor from a ``matplotlibrc`` in the working folder; and in two thirds of the time, without
the texts that it writes for ``help()``.
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
    from matplotlib import artist

# Each kind of artist would get a signature and a list of its properties for ``set``, and the
# docstrings of the functions that draw it the same list.
artist.Artist._update_set_signature_and_docstring = classmethod(lambda kind: None)
artist.kwdoc = lambda kind: ""
