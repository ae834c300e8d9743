"""The files that the configuration names: their paths, and the hashes of their content.

The rules ask when they are parsed. What is wrong with a file ends the run in one line here, since
Snakemake would report an exception in many.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from snakemake.io import ancient, local

from digits.core.command_line import fail
from digits.core.errors import DataError, DigitsError
from digits.data import content_hashes, description, kaggle_api, sources
from digits.workflow.startup import demo_files, downloaded_archive, of_project

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


def or_fail(look_up: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """Make a look-up end the run with its error in one line, instead of an exception."""

    @wraps(look_up)
    def wrapped(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
        try:
            return look_up(*args, **kwargs)
        except DigitsError as error:
            fail(str(error))

    return wrapped


class GivenFiles:
    """The files that a configuration names.

    They are always here, also where results are in a storage. As the clock of a storage is another
    one, the dates of files do not count then, only their contents, which are in the params; the
    date of a competition's archive does. The demo's files may be missing then, once they have been
    read: the code that writes them stands for their content.

    Attributes
    ----------
    elsewhere : whether results are in a storage
    demo_code : identity of the code that writes the demo's files
    main : whether this process is the run itself; that of a single job, perhaps on another machine,
        need not find the files
    demo : the files that the demo writes itself, so that they are results
    archive : the zip of a competition's files to download what is missing of them into, or None
    published_folder : the folder of published figures, or None
    """

    def __init__(
        self,
        config: dict[str, Any],
        root: Path,
        *,
        elsewhere: bool = False,
        demo_code: str = "",
        main: bool = True,
    ) -> None:
        self.elsewhere, self.demo_code, self.main = elsewhere, demo_code, main
        self.dataset = config["dataset"]
        self.root = root
        self.demo = demo_files(config)
        self.archive = downloaded_archive(config)
        self.competition = config["dataset"]["competition"]
        self.published_folder = config["published"]
        self.by_hand = config["kaggle_scores"]
        # Figures that come with the project are found from any working folder.
        folder = self.published_folder
        if folder and not Path(folder).exists() and (root / folder).exists():
            self.published_folder = of_project(root, folder)

    @or_fail
    def raw_sources(self, part: str, key: str = "images") -> list[str]:
        """Return what the images of a part, or the labels beside them, are read from.

        Parameters
        ----------
        part : ``train``, ``test`` or, of images of which some will be for testing, ``whole``
        key : ``images``, or ``labels``, which may be none
        """
        files = self.dataset["test" if part == "test" else "train"]
        given = files[key] if isinstance(files, dict) else files
        paths = [given] if isinstance(given, str) else given
        if key == "labels" and not isinstance(files, dict):
            return self._labels_beside(part)
        if paths[0] in self.demo:
            return paths
        named = self.competition or sources.COMPETITION
        try:
            return sources.locate_all(
                paths, competition=named * (self.dataset["source"] == "kaggle")
            )
        except sources.MissingFileError as error:
            return self._downloaded(paths, error)

    def _downloaded(self, paths: list[str], missing: DataError) -> list[str]:
        """Return what to read from the competition's zip, which may be yet to be downloaded."""
        if not self.archive:
            raise missing
        if not Path(self.archive).exists() and (need := kaggle_api.lacking()):
            raise DigitsError(f"{missing}; or have the run download it: {need}")
        names = [sources.member_of(path) or Path(path).name for path in paths]
        return [f"{self.archive}{sources.SEPARATOR}{name}" for name in names]

    def _labels_beside(self, part: str) -> list[str]:
        """Return the files of labels that go with IDX files; a test set may lack them."""
        beside = list(map(sources.labels_beside, self.raw_sources(part)))
        if None in beside:
            return []
        try:
            return sources.locate_all(beside)
        except DataError:
            if part == "test":
                return []
            raise

    def raw_files(self, part: str) -> list[str]:
        """Return the files that are read; the date of a given archive or folder does not count."""
        found = [*self.raw_sources(part), *self.raw_sources(part, "labels")]
        paths = {sources.path_of(source): source for source in found}
        return [self._raw(path, source) for path, source in paths.items()]

    def _raw(self, path: str, source: str) -> str:
        """Return the file that a source is in, as an input."""
        if path == self.archive:
            return local(path)
        # A folder's date says nothing about the files in it, and their contents are in the params.
        if path != source or sources.is_folder(path):
            return local(ancient(path))
        return self._dated(path)

    @or_fail
    def raw_content(self, part: str) -> str:
        """Return the identity of the contents of a part's files, for params."""
        found = [*self.raw_sources(part), *self.raw_sources(part, "labels")]
        if found[0] in self.demo or self.archive in map(sources.path_of, found):
            return ""
        return content_hashes.identity_of_all(found, content_hashes.HASHES)

    def description(self, part: str) -> str:
        """Return how the files of a part are read, as JSON."""
        files = {"files": self.raw_sources(part)}
        if labels := self.raw_sources(part, "labels"):
            files["label_files"] = labels
        return description.describe(self.dataset, "test" if part == "test" else "train", files)

    def published(self, *tables: str) -> list[str]:
        """Return the tables of published figures, where the configuration names any."""
        folder = self.published_folder
        return [self._given("published", f"{folder}/{table}.csv") for table in tables if folder]

    def test_labels(self) -> list[str]:
        """Return the file of the test images' true labels, where the configuration names one."""
        path = self.dataset["test_labels"]
        if path is None or path in self.demo:
            return [self._dated(path)] if path else []
        return [self._given("dataset.test_labels", path)]

    def sample_submission(self) -> list[str]:
        """Return the sample submission, where the configuration names one."""
        path = self.dataset["submission"]["sample"]
        return [self._given("dataset.submission.sample", path)] if path else []

    def scores_by_hand(self) -> list[str]:
        """Return the file of Kaggle's scores got by hand, where the configuration names one."""
        return [self._given("kaggle_scores", self.by_hand)] if self.by_hand else []

    def kaggle_scores(self, folder: str) -> list[str]:
        """Return the table of what was submitted, of a results folder, if there is one."""
        table = self.kaggle_table(folder)
        return [self._dated(table)] if Path(table).exists() else []

    def kaggle_table(self, folder: str) -> str:
        """Return the table of what was submitted, of a results folder, there or not.

        It is no result of a rule that others could ask for, as they would then submit. So it is
        always here, also where results are in a storage.
        """
        return f"{folder}/tables/kaggle_scores.csv"

    @or_fail
    def ready_to_submit(self) -> list[str]:
        """Return no files, if submissions can be made: an input that is checked before all jobs."""
        if not self.competition:
            raise DigitsError(
                "config: dataset.competition: expected the name of a competition to submit to"
            )
        if self.dataset["test"] is None:
            raise DigitsError("config: dataset.test: expected test images, for submissions")
        if need := kaggle_api.lacking():
            raise DigitsError(f"Kaggle cannot be asked: {need}")
        return []

    def content(self, files: list[str]) -> list[str]:
        """Return the identities of files' contents, for params; what the demo writes may have none.

        Without a storage, its dates say enough.
        """
        paths = [Path(file) for file in files if file not in self.demo]
        demo = self.demo_content() if len(paths) < len(files) else []
        if not self.main:
            paths = [path for path in paths if path.exists()]
        found = [content_hashes.content_identity(path, content_hashes.HASHES) for path in paths]
        return found + demo

    def demo_content(self) -> list[str]:
        """Return the identity of what the demo writes, for params; none where its dates count."""
        return [self.demo_code] if self.demo and self.elsewhere else []

    def templates(self, pattern: str) -> list[str]:
        """Return the identities of templates: no paths, which a moved checkout changes."""
        return self.content(sorted(map(str, (self.root / "workflow/report").glob(pattern))))

    def _dated(self, path: str) -> str:
        """Return a path as an input, whose date counts unless results are in a storage."""
        return local(ancient(path)) if self.elsewhere else local(path)

    @or_fail
    def _given(self, key: str, path: str) -> str:
        """Return the path of a file, which has to be there even where results are."""
        try:
            there = sources.is_there(Path(path))
        except DigitsError as error:
            raise DigitsError(f"config: {key}: {error}") from error
        if not there and self.main:
            raise DigitsError(f"config: {key}: {path}: no such file")
        return self._dated(path)
