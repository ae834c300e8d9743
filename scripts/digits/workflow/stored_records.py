"""Snakemake's records of the results in a storage, kept beside these results.

By its records in ``.snakemake/metadata``, Snakemake knows with which code, settings and inputs a
file was made. Another checkout has none: it would take all that is in the storage for up to date,
whatever its settings. So the records are stored as well, in one zip per experiment, and fetched.
"""

import json
import sys
import tempfile
import zipfile
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.workflow import storage_errors
from digits.core.atomic_files import replacing
from digits.core.errors import DigitsError

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

RECORDS = Path(".snakemake/metadata")
"""Folder of Snakemake's records, a file for each result, named by its address in base 64."""


class StoredRecords:
    """The records of an experiment whose results are in the default storage.

    Parameters
    ----------
    workflow : Snakemake's own
    experiment : name of the experiment
    records : folder of Snakemake's records
    """

    def __init__(self, workflow: "Workflow", experiment: str, records: Path = RECORDS) -> None:
        self.provider = workflow.storage_registry.default_storage_provider
        prefix = (workflow.storage_settings.default_storage_prefix or "").rstrip("/")
        self.results = f"{prefix}/results/{experiment}/"
        self.records = records

    def fetch(self) -> bool:
        """Add the records in the storage to those here, in place of older ones.

        Returns
        -------
        whether there are any in the storage

        Raises
        ------
        DigitsError
            If the storage fails.
        """
        with self._object() as (stored, path):
            if not stored.exists():
                return False
            stored.retrieve_object()
            try:
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        self._add(self.records / name, archive.read(name))
            except (zipfile.BadZipFile, ValueError) as error:
                print(f"note: {stored.query}: {error}; it is left out", file=sys.stderr)
        return True

    def store(self) -> None:
        """Store the records of the experiment, after a run.

        Raises
        ------
        DigitsError
            If the storage fails.
        """
        with self._object() as (stored, path):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for record in sorted(self.records.rglob("*")):
                    name = record.relative_to(self.records)
                    if record.is_file() and _address(name).startswith(self.results):
                        archive.write(record, name)
            stored.store_object()

    @contextmanager
    def _object(self) -> Iterator[tuple[Any, Path]]:
        """Give the object with the records, and the path of its copy here."""
        stored = self.provider.object(f"{self.results}records.zip")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "records.zip")
            stored.set_local_path(path)
            try:
                yield stored, path
            except DigitsError:
                raise
            except Exception as error:
                raise DigitsError(f"{stored.query}: {storage_errors.reason(str(error))}") from error

    def _add(self, path: Path, content: bytes) -> None:
        """Write a record, unless there is a newer one of the same result."""
        if not path.resolve().is_relative_to(self.records.resolve()):
            return
        try:
            if json.loads(path.read_bytes())["endtime"] >= json.loads(content)["endtime"]:
                return
        except (OSError, ValueError, KeyError, TypeError):
            pass
        # Without this folder, Snakemake takes the records for those of an old version.
        self.records.with_name("incomplete").mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(content)


def _address(name: Path) -> str:
    """Return the address of the result whose record has this name; empty if it is not one."""
    coded = "".join(part.removeprefix("@") for part in name.parts)
    try:
        return urlsafe_b64decode(coded).decode()
    except ValueError:
        return ""
