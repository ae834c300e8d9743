"""Download the files of a competition of Kaggle as one zip, and check their sizes and headers.

A zip that is there already is checked and kept. A download that breaks off is continued by the next
run. What is in the files is checked by the program ingest_images.
"""

import shutil
from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.data.competition import check_archive
from digits.data.kaggle_api import Competition


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    parser.add_argument("--competition", required=True, help="name, as in its address")
    parser.add_argument("--output", type=Path, required=True, help="zip to write")
    arguments = parser.parse_args(argv)

    if arguments.output.exists():
        check_archive(arguments.output)
        print(f"{arguments.output}: there already, and complete")
        return
    competition = Competition(arguments.competition)
    sizes = competition.files()
    folder = arguments.output.with_suffix(".download")
    folder.mkdir(parents=True, exist_ok=True)
    archive = competition.download(folder)
    try:
        check_archive(archive, sizes)
    except BaseException:
        archive.unlink()
        raise
    archive.replace(arguments.output)
    shutil.rmtree(folder)
    total = sum(sizes.values()) / 1e6
    print(f"{arguments.output}: {len(sizes)} files of {total:,.1f} MB from {arguments.competition}")


if __name__ == "__main__":
    job.run(main)
