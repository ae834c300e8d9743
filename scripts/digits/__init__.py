"""Designed experiments on images of digits: one package per stage of the workflow."""

import os

# Arrow reads this when it is imported. Its default allocator reserves gigabytes of address space
# and aborts where a memory limit (ulimit -v) does not allow that.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
