"""Designed experiments on images of digits: one module per stage of the workflow."""

import os

# Arrow reads this when it is imported. Its usual allocator takes addresses by the gigabyte, which
# a limit of memory (ulimit -v) may not leave, and aborts where there are none.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
