"""A minimal Debian system in a folder, in which commands run as an ordinary user.

Each command has a mount namespace and a process namespace of its own, so that its mounts and its
processes end with it, however it ends.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES = "python3,python3-venv,make,ca-certificates"
USER = 1000
HOME = "/srv/ann"

# Variables with which pip, and other programs that download, reach the network.
PASSED_ON = re.compile(
    r"PIP_\w+|(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE", re.IGNORECASE
)

# Runs in the new namespaces: sh -c MOUNT sh ROOT USER SHARED_MEMORY_MODE FOLDER COMMAND PATH...
MOUNT = """
root=$1 user=$2 mode=$3 folder=$4 command=$5
shift 5
mount --make-rprivate / &&
mount -t proc proc "$root/proc" &&
mount -t tmpfs -o mode="$mode" tmpfs "$root/dev/shm" &&
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts" &&
ln -sf pts/ptmx "$root/dev/ptmx" || exit 99
for path; do
    mount --rbind "$path" "$root$path" && mount -o remount,bind,ro "$root$path" || exit 99
done
exec /usr/sbin/chroot --userspec="$user:$user" "$root" \
    /bin/sh -c 'cd "$0" && exec /bin/sh -c "$1"' "$folder" "$command"
"""


@dataclass(frozen=True)
class BareSystem:
    """A minimal Debian in ``root``, with an ordinary user whose home folder is ``HOME``."""

    root: Path

    def run(
        self,
        command: str,
        folder: str,
        *,
        user: int = USER,
        home: str | None = HOME,
        shared_memory_mode: str = "1777",
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the shell in a folder; what it prints comes back as ``stdout``."""
        environment = network_variables() | {"PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb"}
        if home:
            environment["HOME"] = home
        environment |= variables or {}
        isolate = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        mount = ["sh", "-c", MOUNT, "sh", str(self.root), str(user), shared_memory_mode]
        paths = [str(path) for path in network_paths()]
        return subprocess.run(
            [*isolate, *mount, folder, command, *paths],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=3600,
        )


def build_system(suite: str, root: Path) -> BareSystem:
    """Build a minimal Debian of a suite, such as bookworm, from the host's package archive."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    proxies = re.findall(r"^Acquire::https?::.*Proxy.*", dump.stdout, flags=re.MULTILINE)
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}"]
    command += [f"--aptopt={proxy}" for proxy in proxies]
    subprocess.run([*command, suite, str(root)], check=True)
    for name in ["resolv.conf", "hosts"]:
        shutil.copy(Path("/etc", name), root / "etc" / name)
    add_user = ["useradd", "--create-home", f"--home-dir={HOME}", f"--uid={USER}", "ann"]
    subprocess.run(["chroot", str(root), *add_user], check=True)
    (root / "etc/pip.conf").write_text(pip_settings())
    for path in network_paths():
        place = root / path.relative_to("/")
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    return BareSystem(root)


def copy_checkout(source: Path, target: Path) -> None:
    """Copy the files that git tracks, as they are now, for the ordinary user."""
    for name in tracked_files(source):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, target / name)
    give(target, USER)


def tracked_files(source: Path) -> list[str]:
    """Return the names of the files of a checkout that git tracks and that are still there."""
    listing = ["git", "ls-files", "-z"]
    listed = subprocess.run(listing, cwd=source, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (source / name).is_file()]


def give(folder: Path, user: int) -> None:
    """Make a user the owner of a folder and of all that is in it."""
    owner = f"{user}:{user}"
    subprocess.run(["chown", "--recursive", "--no-dereference", owner, folder], check=True)


def network_variables() -> dict[str, str]:
    """Return the variables of this environment that pip needs for the network."""
    return {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}


def pip_settings() -> str:
    """Return the host's settings of pip, of all its files together, as a file of settings."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(?:global|install)\.([\w-]+)=(.*)$", listed, flags=re.MULTILINE)
    lines = [f"{name} = {' '.join(ast.literal_eval(value).split())}" for name, value in found]
    return "\n".join(["[global]", *lines, ""])


def network_paths() -> list[Path]:
    """Return the files and folders that pip's settings name, which are shared read-only.

    Of a local package index it is the folder around it, where the files lie that its pages name.
    """
    text = " ".join([pip_settings(), *network_variables().values()])
    named = [Path(path) for path in re.findall(r"(?<![\w/:])/[^\s:,]+", text)]
    named += [Path(path).parent for path in re.findall(r"file://(/\S+)", text)]
    return sorted({path for path in named if path.exists() and path != Path("/")})
