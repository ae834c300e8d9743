"""Designed experiments on images of digits: one module per stage of the workflow."""

import os

# Arrow reads this when it is imported. Its usual allocator reserves gigabytes of address space,
# which a memory limit (ulimit -v) may not allow, and aborts where there are none.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
