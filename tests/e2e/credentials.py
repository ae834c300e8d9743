"""Credentials in the environment and the home folder of a run, and a search for them."""

import base64
import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml
from conftest import COMPILING

CANARY = "canary-5d41402abc4b"
ENVIRONMENT = {
    "KAGGLE_USERNAME": f"{CANARY}-name",
    "KAGGLE_KEY": f"{CANARY}-key",
    "KAGGLE_API_TOKEN": f"{CANARY}-token",
}
NEEDLES = [CANARY.encode(), base64.b64encode(CANARY.encode())[:20], CANARY.encode().hex().encode()]


def write_home(folder: Path) -> None:
    """Write a home folder with Kaggle's file of credentials."""
    (folder / ".kaggle").mkdir(parents=True)
    key = {"username": f"{CANARY}-name", "key": f"{CANARY}-key"}
    (folder / ".kaggle/kaggle.json").write_text(json.dumps(key))


def run_with_credentials(
    folder: Path, home: Path, config: dict[str, Any], *arguments: str, before: tuple[str, ...] = ()
) -> tuple[int, str]:
    """Run Snakemake in a folder; return its exit status and all that it printed."""
    (folder / "small.yaml").write_text(yaml.safe_dump(config))
    command = [*before, sys.executable, "-m", "snakemake", "--configfile", "small.yaml", *arguments]
    environment = COMPILING | ENVIRONMENT | {"HOME": str(home)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def contents(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give what a file holds: as it is, unpacked, and the metadata of a Parquet table."""
    yield name, content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from contents(f"{name}::{member}", archive.read(member))
    elif content.startswith(b"\x1f\x8b"):
        yield from contents(f"{name}::", gzip.decompress(content))
    elif content.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(content))
        yield f"{name}::", (str(table.schema.metadata) + str(table.slice(0, 9))).encode()


def leaks(folder: Path) -> list[str]:
    """The names of the files, packed ones too, that hold the canary in any of its forms."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    parts = (part for path in files for part in contents(str(path), path.read_bytes()))
    return [name for name, content in parts if any(needle in content for needle in NEEDLES)]
