"""System errors described in one line: no disk space, no memory, no permission."""

import errno
import os
import resource

from digits.core.atomic_files import WRITING
from digits.core.errors import lacks_memory

CIRCUMSTANCES = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EEXIST,
    errno.EFBIG,
    errno.EIO,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOSPC,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EROFS,
}
"""Error numbers whose cause is the machine or its files, and not the program."""


def describe(error: BaseException) -> str | None:
    """Return one line for an error that the machine or its files cause; None for any other."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    limited = limit != resource.RLIM_INFINITY
    if lacks_memory(error) or (limited and _lacks_addresses(error)):
        raised = f", or raise the limit of {limit >> 20:,} MiB (ulimit -v)" * limited
        return f"out of memory; close other programs, run fewer jobs at once (--cores){raised}"
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return (
            "out of memory or of threads; close other programs, run fewer jobs at once (--cores),"
            " or raise the limits (ulimit -v, ulimit -u)"
        )
    if isinstance(error, OSError) and error.errno in CIRCUMSTANCES:
        return _system_error(error)
    return None


def _lacks_addresses(error: BaseException | None) -> bool:
    """Return whether a library could not be loaded for lack of address space."""
    while error is not None and "failed to map segment" not in str(error):
        error = error.__cause__ or error.__context__
    return error is not None


def _system_error(error: OSError) -> str:
    """Describe a system error, with the file and what to do."""
    reason = os.strerror(error.errno or 0)
    if error.filename is None:
        if "temporary directory" in str(error.strerror):
            return f"{error.strerror}; set TMPDIR to a folder that can be written to"
        return f"{error.strerror or reason}; fix this and run again"
    if error.errno in WRITING:  # when copying, the second file is the one written
        written = error.filename2 or error.filename
        advice = "fix this" if error.errno == errno.EFBIG else "free some space there"
        return f"{os.fsdecode(written)}: {reason}; {advice} and run again"
    return f"{os.fsdecode(error.filename)}: {reason}; fix this and run again"
