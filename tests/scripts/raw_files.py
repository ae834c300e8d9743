"""Files that a raw CSV is not read from as usual: of other kinds, packed, damaged, out of reach.

A case is a function that makes the file in a folder and returns the source that names it, and what
is said of that, after ``{source}``, or the whole of it where that names another path.
"""

import bz2
import gzip
import lzma
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from raw_tables import CLEAN, LIKE_CLEAN

CORRUPT = "the file is corrupt or incomplete; download it again"
CASES: dict[str, tuple[Callable[[Path], Path | str], str]] = {}


def case(told: str) -> Callable[[Callable[[Path], Path | str]], Callable[[Path], Path | str]]:
    """Register a case with what is said of it; ``{folder}`` stands for its folder."""

    def register(make: Callable[[Path], Path | str]) -> Callable[[Path], Path | str]:
        CASES[make.__name__] = make, told
        return make

    return register


def zipped(folder: Path, member: str = "train.csv", content: bytes = CLEAN) -> Path:
    path = folder / "digits.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "digits")
        archive.writestr(member, content)
    return path


def patched(path: Path, local: int, central: int, value: bytes) -> str:
    """Overwrite a field of the train.csv of a zip in its header and in the directory."""
    content = bytearray(path.read_bytes())
    for mark, offset, name in ((b"PK\x03\x04", local, 30), (b"PK\x01\x02", central, 46)):
        place = next(
            i for i in range(len(content)) if content[i : i + 4] == mark
            and content[i + name : i + name + 9] == b"train.csv"
        )  # fmt: skip
        content[place + offset : place + offset + len(value)] = value
    path.write_bytes(content)
    return f"{path}::train.csv"


@case("{folder}/train.csv: no such file")
def a_missing_file(folder: Path) -> Path:
    return folder / "train.csv"


@case("{folder}/train.csv: expected a file, found a folder")
def a_folder(folder: Path) -> Path:
    (folder / "train.csv").mkdir()
    return folder / "train.csv"


@case("{folder}/train.csv: expected a file, found something that is not a regular file")
def a_named_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "train.csv")
    return folder / "train.csv"


@case("/dev/zero: expected a file, found something that is not a regular file")
def a_device(folder: Path) -> Path:
    return Path("/dev/zero")


@case("{folder}/train.csv: a link to gone.csv, which does not exist")
def a_dangling_link(folder: Path) -> Path:
    (folder / "train.csv").symlink_to("gone.csv")
    return folder / "train.csv"


@case("{folder}/train.csv: cannot be read (Too many levels of symbolic links)")
def a_link_to_itself(folder: Path) -> Path:
    (folder / "train.csv").symlink_to("train.csv")
    return folder / "train.csv"


@case(LIKE_CLEAN)
def a_link_to_a_file(folder: Path) -> Path:
    (folder / "real.csv").write_bytes(CLEAN)
    (folder / "train.csv").symlink_to("real.csv")
    return folder / "train.csv"


@case("{folder}/" + "a" * 300 + ".csv: cannot be read (File name too long)")
def a_name_that_is_too_long(folder: Path) -> Path:
    return folder / ("a" * 300 + ".csv")


@case(LIKE_CLEAN)
def a_name_with_everything_a_shell_minds(folder: Path) -> Path:
    path = folder / '- it\'s; $(touch canary) `x` & "ö" * ?.csv'
    path.write_bytes(CLEAN)
    return path


@case(LIKE_CLEAN)
def a_gzip(folder: Path) -> Path:
    (folder / "train.csv.gz").write_bytes(gzip.compress(CLEAN))
    return folder / "train.csv.gz"


@case(
    f"{{folder}}/train.csv.gz: {CORRUPT} (Compressed file ended before the end-of-stream marker"
    " was reached)"
)
def a_gzip_cut_short(folder: Path) -> Path:
    (folder / "train.csv.gz").write_bytes(gzip.compress(CLEAN)[:-12])
    return folder / "train.csv.gz"


@case("{folder}/train.csv.gz: expected gzipped data, as its name says, found other data")
def a_csv_named_gz(folder: Path) -> Path:
    (folder / "train.csv.gz").write_bytes(CLEAN)
    return folder / "train.csv.gz"


@case(f"{{folder}}/train.csv.gz: {CORRUPT} (other bytes follow the gzipped data)")
def a_gzip_with_more_behind_it(folder: Path) -> Path:
    (folder / "train.csv.gz").write_bytes(gzip.compress(CLEAN) + b"more")
    return folder / "train.csv.gz"


@case(LIKE_CLEAN)
def a_file_compressed_with_bzip2(folder: Path) -> Path:
    (folder / "train.csv.bz2").write_bytes(bz2.compress(CLEAN))
    return folder / "train.csv.bz2"


@case(LIKE_CLEAN)
def a_file_compressed_with_xz(folder: Path) -> Path:
    (folder / "train.csv.xz").write_bytes(lzma.compress(CLEAN))
    return folder / "train.csv.xz"


@case("{folder}/train.csv.xz: expected data compressed with xz, as its name says, found other data")
def a_csv_named_xz(folder: Path) -> Path:
    (folder / "train.csv.xz").write_bytes(CLEAN)
    return folder / "train.csv.xz"


@case(
    f"{{folder}}/train.csv.bz2: {CORRUPT} (Compressed file ended before the end-of-stream marker"
    " was reached)"
)
def a_bzip2_cut_short(folder: Path) -> Path:
    (folder / "train.csv.bz2").write_bytes(bz2.compress(CLEAN)[:-12])
    return folder / "train.csv.bz2"


@case(LIKE_CLEAN)
def a_member_of_a_zip(folder: Path) -> str:
    return f"{zipped(folder)}::train.csv"


@case(LIKE_CLEAN)
def a_member_that_would_climb_out(folder: Path) -> str:
    return f"{zipped(folder, '../../train.csv')}::../../train.csv"


@case("{folder}/digits.zip: expected a member 'train.csv', found none")
def a_zip_with_another_member(folder: Path) -> str:
    return f"{zipped(folder, 'digits.csv')}::train.csv"


@case("{folder}/digits.zip: expected a member 'train.csv', found none")
def a_zip_with_a_folder_of_that_name(folder: Path) -> str:
    return f"{zipped(folder, 'train.csv/', b'')}::train.csv"


@case("{folder}/digits.zip: expected a member that is a file, found the folder 'train.csv/'")
def a_folder_in_a_zip(folder: Path) -> str:
    return f"{zipped(folder, 'train.csv/', b'')}::train.csv/"


@case(LIKE_CLEAN)
def a_gzip_in_a_zip(folder: Path) -> str:
    return f"{zipped(folder, 'train.csv.gz', gzip.compress(CLEAN))}::train.csv.gz"


@case(f"{{folder}}/digits.zip::train.csv: {CORRUPT} (File is not a zip file)")
def a_zip_cut_short(folder: Path) -> str:
    path = zipped(folder)
    path.write_bytes(path.read_bytes()[:-30])
    return f"{path}::train.csv"


@case("{folder}/digits.zip: expected a zip, as its name says, found an HTML page; download the file"
      " itself")  # fmt: skip
def a_web_page_named_zip(folder: Path) -> str:
    (folder / "digits.zip").write_text("<!doctype html><title>Log in</title>")
    return f"{folder}/digits.zip::train.csv"


@case("{folder}/digits.zip: expected a zip, as its name says, found an empty file")
def an_empty_zip(folder: Path) -> str:
    (folder / "digits.zip").touch()
    return f"{folder}/digits.zip::train.csv"


@case("{folder}/train.csv.gz: expected gzipped data, as its name says, found a zip; name it .zip,"
      " and its member as archive.zip::member.csv")  # fmt: skip
def a_zip_named_gz(folder: Path) -> Path:
    return zipped(folder).rename(folder / "train.csv.gz")


@case(f"{{folder}}/digits.zip::train.csv: {CORRUPT} (Bad CRC-32 for file 'train.csv')")
def a_zip_with_a_wrong_checksum(folder: Path) -> str:
    return patched(zipped(folder), 14, 16, b"\x00\x01\x02\x03")


@case("{folder}/digits.zip::train.csv: encrypted; expected a zip without a password")
def an_encrypted_zip(folder: Path) -> str:
    return patched(zipped(folder), 6, 8, b"\x01")


@case("{folder}/digits.zip::train.csv: unsupported compression (That compression method is"
      " not supported); use deflate or gzip")  # fmt: skip
def a_zip_packed_in_another_way(folder: Path) -> str:
    return patched(zipped(folder), 8, 10, b"\x63")


@case(f"{{folder}}/digits.zip::train.csv: {CORRUPT} ('utf-8' codec can't"
      " decode byte 0xff in position 0: invalid start byte)")  # fmt: skip
def a_zip_with_a_name_that_is_no_text(folder: Path) -> str:
    path = zipped(folder, "ä.csv")
    path.write_bytes(path.read_bytes().replace("ä".encode(), b"\xff\xff"))
    return f"{path}::train.csv"
