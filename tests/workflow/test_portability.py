"""The code uses nothing that only Linux has, or has a fallback for it, as it runs on macOS, too."""

import ast
import re
from pathlib import Path

import pytest
from rule_files import BODIES

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "scripts").rglob("*.py"))

# What Python's modules for the system have on Linux and not on macOS.
LINUX_ONLY = {
    "CLOCK_BOOTTIME", "O_DIRECT", "O_PATH", "O_TMPFILE", "copy_file_range", "epoll", "eventfd",
    "fdatasync", "getrandom", "getxattr", "listxattr", "memfd_create", "pidfd_open",
    "posix_fadvise", "posix_fallocate", "prctl", "prlimit", "sched_getaffinity",
    "sched_setaffinity", "sched_setscheduler", "setns", "setresgid", "setresuid", "setxattr",
    "sigtimedwait", "sigwaitinfo", "splice", "timerfd_create", "unshare",
}  # fmt: skip

# The modules that read files of Linux, each with the file; its tests take the file away.
FALLBACKS = {
    "digits/training/devices.py": {"/proc/cpuinfo"},
    "digits/workflow/run_lock.py": {"/proc/self/mounts", "/proc/sys/kernel/random/boot_id"},
}
LINUX_FILES = re.compile(r"(/proc/|/sys/|/dev/shm|/etc/).*")

# What rules and scripts of the shell may call: what POSIX has, and what they bring themselves.
COMMANDS = {"python", "cat"}


def words(tree):
    """The names that a module uses, and its texts that are no docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]


def files_of_linux(tree):
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {each for each in constants if isinstance(each, str) and LINUX_FILES.fullmatch(each)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_uses_what_only_linux_has(path):
    tree = ast.parse(path.read_text())
    assert not LINUX_ONLY & set(words(tree))
    allowed = FALLBACKS.get(str(path.relative_to(ROOT / "scripts")), set())
    assert files_of_linux(tree) == allowed


def test_rules_call_python_and_commands_of_every_system():
    for name, body in BODIES.items():
        texts = re.findall(r"""["'](.*)["']$""", body.partition("shell:")[2], re.MULTILINE)
        command = re.sub(r'"[^"]*"|\{[^}]*\}', "x", "".join(texts))
        called = {part.split()[0] for part in re.split(r"&&|\|\||[;|]", command) if part.strip()}
        assert called <= COMMANDS, name


def test_the_scripts_of_the_shell_count_processors_as_every_system_does():
    for name in ["Makefile", "envs/create.sh"]:
        text = (ROOT / name).read_text()
        assert not re.search(r"\bnproc\b|readlink -f|sed -i|cp --|stat -c|date -d", text), name
