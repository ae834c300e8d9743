"""Checks and preparations each time the workflow is parsed, before the rules are defined."""

import atexit
import getpass
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digits.workflow import checksums, console, packages, plan, run_lock, storage_errors
from digits.config import configuration, models
from digits.core import environment
from digits.core.command_line import fail
from digits.core.errors import DigitsError
from digits.data import content_hashes
from digits.workflow.stored_records import StoredRecords

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

OWN = Path(".snakemake/digits")
"""Folder of the workflow's own records, beside Snakemake's."""


@dataclass(frozen=True)
class Run:
    """A run of the workflow as it was planned, for its rules.

    Attributes
    ----------
    root : folder of the Snakefile, where the code is; data and results are in the working folder
    pins : pinned version of each package
    """

    root: Path
    experiment: str
    plan: plan.Plan
    pins: dict[str, str]

    def code(self, program: str) -> str:
        """Return the identity of a program's code, for its rule's params."""
        try:
            return self.plan.code(program, self.root, self.pins)
        except DigitsError as error:
            fail(str(error))

    def save_plan(self) -> None:
        """Keep the plan for processes that run single jobs."""
        plan.save_plan(self.plan, plan_file(self.experiment))


def start(workflow: "Workflow", config: dict[str, Any]) -> Run:
    """Do what precedes the rules: environment, checks, plan, record of the run, replaced results.

    What the user has to correct ends the process in one line. Defaults are filled in ``config``.
    """
    root, main = Path(workflow.basedir), workflow.is_main_process
    deployed = bool(workflow.deployment_settings.deployment_method)
    try:
        prepare(root, main=main, deployed=deployed)
        # Snakemake's own validate() prints hundreds of lines for a misspelt key.
        configuration.check(config, workflow.configfiles, workflow.config_settings.config)
        if main:
            use_storage(workflow, config)
        planned = take_plan(root, config["experiment"], main=main)
        enter_run(workflow)
        compare_params_without_pandas()
        checksums.read_files_once()
    except DigitsError as error:
        fail(str(error))
    if main:
        written = [*demo_files(config), *filter(None, [downloaded_archive(config)])]
        renew_results(config["experiment"], written)
    run = Run(root, config["experiment"], planned, plan.pins_of(root))
    # Processes for single jobs, as on a cluster, read with which code the run was planned.
    workflow.onstart(lambda log: run.save_plan())
    return run


def prepare(root: Path, *, main: bool, deployed: bool) -> None:
    """Prepare the environment that jobs inherit.

    Parameters
    ----------
    root : folder of the Snakefile
    main : whether this process is the run itself, not one that it started for a single job
    deployed : whether jobs run in environments that Snakemake makes for them

    Raises
    ------
    DigitsError
        If the installed packages are not the pinned ones.
    """
    if main:
        console.install()
    ignored = environment.foreign(os.environ)
    if ignored and main:
        verb = "are" if ignored[1:] else "is"
        print(f"note: {', '.join(ignored)} {verb} set but ignored by jobs", file=sys.stderr)
    interpreter = None if deployed else Path(sys.executable)
    environment.settle(environment.for_jobs(os.environ, interpreter))
    name_user()
    if not deployed:
        packages.check_installed(Path(of_project(root, "envs/requirements.txt")))
    os.environ["SCRIPTS"] = of_project(root, "scripts")


def use_storage(workflow: "Workflow", config: dict[str, Any]) -> None:
    """Check the default storage, if there is one, and have it keep Snakemake's records of a run.

    Where they are from another checkout, the demo's files, which stay there, are written here: a
    rule that needs them would else have all that was made of them made anew.

    Raises
    ------
    DigitsError
        If the storage does not answer or refuses, or lacks its bucket.
    """
    if workflow.storage_settings.default_storage_provider is None:
        return
    storage_errors.check(workflow)
    provider = workflow.storage_registry.default_storage_provider

    def retrieve(address: str) -> None:
        with suppress(Exception):  # what cannot be shown is missing in a message
            copy = provider.object(address)
            copy.local_path().parent.mkdir(parents=True, exist_ok=True)
            copy.retrieve_object()

    console.retrieve = retrieve
    records = StoredRecords(workflow, config["experiment"])
    if records.fetch():
        write_demo(Path(workflow.basedir), demo_files(config))

    def store(log: str) -> None:
        with suppress(DigitsError):  # the next run stores them
            records.store()

    workflow.onsuccess(store)
    workflow.onerror(store)


def write_demo(root: Path, files: list[str]) -> None:
    """Write the demo's files if any is missing.

    Parameters
    ----------
    root : folder of the Snakefile
    files : of the demo, as :func:`demo_files` names them; none for other data

    Raises
    ------
    DigitsError
        If they cannot be written.
    """
    if all(Path(file).exists() for file in files):
        return
    named = zip(models.FILES, files, strict=True)
    options = (f"--{key.replace('_', '-')}={file}" for key, file in named)
    program = root / "scripts" / "make_demo.py"
    if subprocess.run([sys.executable, program, *options], check=False).returncode:
        raise DigitsError(f"{files[0]}: the demo's files could not be written; see above")


def enter_run(workflow: Any) -> None:
    """Put this process on record as a run that is alive, and remove the locks of dead runs.

    Snakemake parses the workflow for ``--unlock``, ``--report`` and others, too, and only then
    knows whether it is to run jobs. So this is done as it begins to, except in a dry run. A process
    for a single job goes on record at once, and removes no locks.

    Parameters
    ----------
    workflow : Snakemake's own
    """
    folder = Path(".snakemake").absolute()
    if not workflow.is_main_process:
        _enter(folder)
        return
    execute = workflow.execute

    def enter_and_execute(*, executor_plugin: Any, **settings: Any) -> Any:
        own = None if executor_plugin.common_settings.dryrun_exec else _enter(folder)
        if own:
            run_lock.remove_stale_locks(folder, own)
        return execute(executor_plugin=executor_plugin, **settings)

    workflow.execute = enter_and_execute


def _enter(folder: Path) -> Path | None:
    """Put this process on record, for its jobs too."""
    own = run_lock.enter(folder)
    os.environ[run_lock.VARIABLE] = str(own or "")
    return own


def compare_params_without_pandas() -> None:
    """Keep Snakemake from importing pandas, which takes a fifth of a dry run, to compare params.

    It would find out whether any of them is a table, and none is.
    """
    from snakemake.persistence import PersistenceBase

    PersistenceBase._serialize_param = property(lambda self: self._serialize_param_builtin)


def name_user() -> None:
    """Give a user whom the system does not know a name, which Snakemake asks for.

    In a container or a job of a cluster, the number of the user may be all there is.
    """
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = str(os.getuid())


def plan_file(experiment: str) -> Path:
    """Return the file with the plan of a run; simultaneous runs are of different experiments."""
    return OWN / "plans" / f"{experiment}.json"


def take_plan(root: Path, experiment: str, *, main: bool) -> plan.Plan:
    """Return the plan of the run, made now or, in a process for a single job, read.

    Raises
    ------
    CodeError
        If the rules of a job are no longer those of its run.
    """
    if main:
        planned = plan.make_plan(root, known=OWN / "code.json")
    else:
        planned = plan.read_plan(plan_file(experiment), root)
    os.environ[plan.VARIABLE] = planned.sources
    return planned


def of_project(root: Path, path: str) -> str:
    """Return a path in the project's folder as it is best found from the working folder.

    A relative one is part of what Snakemake records, the same wherever the checkout lies.
    """
    return path if root.samefile(Path()) else str(root / path)


def demo_files(config: dict[str, Any]) -> list[str]:
    """Return the files that the demo writes, none for other data."""
    dataset = config["dataset"]
    return [dataset[key] for key in models.FILES] if dataset["source"] == "demo" else []


def downloaded_archive(config: dict[str, Any]) -> str | None:
    """Return the zip that a competition's files are downloaded into, if they may be."""
    dataset = config["dataset"]
    if dataset["source"] != "kaggle" or not dataset["competition"]:
        return None
    return f"data/kaggle/{dataset['competition']}.zip"


def renew_results(experiment: str, files: list[str]) -> None:
    """Make Snakemake compare the contents of results, and of the run's data, that were replaced.

    Done at once, before it compares dates, and again when the process ends, wherever it is then.
    """
    folder = Path().absolute()
    store = folder / OWN / "dates" / f"{experiment}.json"
    names = [f"results/{experiment}", *files]
    content_hashes.renew_replaced(store, folder, names)
    atexit.register(content_hashes.renew_replaced, store, folder, names)
