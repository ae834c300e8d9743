"""Submit the file of each cell to a competition of Kaggle once, and wait for the public scores.

This sends files to Kaggle, by its package and with the credentials that this finds; it runs only
where someone asks for it. Every submission and its score are kept in tables/kaggle_scores.csv, by
the SHA-256 of the file. So a file is never submitted twice, and a run that the daily limit or an
error ended is continued by the next one.
"""

from pathlib import Path

from digits.workflow import job
from digits.core import command_line
from digits.core.atomic_files import write_json
from digits.core.errors import DataError
from digits.core.json_records import SCORE, read_record
from digits.core.results_folder import ResultsFolder
from digits.data.kaggle_api import Competition
from digits.evaluation.submitting import Submitting


def main(argv: list[str] | None = None) -> None:
    """Run the program with the given arguments, those of the command line by default."""
    parser = command_line.parser(__doc__)
    command_line.add_results(parser)
    parser.add_argument("--competition", required=True, help="name, as in its address")
    parser.add_argument("--wait", type=float, default=600, help="seconds to wait for scores (600)")
    parser.add_argument(
        "--table", type=Path, help="what was submitted; that of the results folder by default"
    )
    parser.add_argument("--output", type=Path, required=True, help="JSON of the scores to write")
    arguments = parser.parse_args(argv)

    folder, name = ResultsFolder.of(arguments.results, arguments.design), arguments.competition
    models = folder.design.models
    files = [folder.submission(m) for m in models if read_record(folder.score(m), SCORE)["rows"]]
    if not files:
        raise DataError(f"{folder.path / 'submissions'}: all trainings failed; nothing to submit")
    submitting = Submitting(
        arguments.table or folder.kaggle_scores,
        name,
        lambda: Competition(name),
        folder.path.name,
        arguments.wait,
        say=lambda line: print(line, flush=True),
    )
    write_json(arguments.output, {"competition": name, "scores": submitting.submit(files)})


if __name__ == "__main__":
    job.run(main)
