"""What the workflow does each time it is parsed, before Snakemake looks at any rule."""

import atexit
import getpass
import os
import sys
from pathlib import Path

from digits.core import environment
from digits.data import content_hashes
from digits.workflow import packages, plan, run_lock

OWN = Path(".snakemake/digits")
"""Folder of what the workflow keeps for itself, beside Snakemake's own records."""


def prepare(root: Path, *, main: bool, deployed: bool) -> None:
    """Prepare the environment that jobs inherit, and mark the run as alive.

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
    ignored = environment.foreign(os.environ)
    if ignored and main:
        verb = "are" if ignored[1:] else "is"
        print(f"note: {', '.join(ignored)} {verb} set but ignored by jobs", file=sys.stderr)
    interpreter = None if deployed else Path(sys.executable)
    environment.settle(environment.for_jobs(os.environ, interpreter))
    name_user()
    if not deployed:
        packages.check_installed(Path(of_project(root, "envs/requirements.txt")))
    os.environ[run_lock.VARIABLE] = str(run_lock.enter(Path(".snakemake")) or "")
    os.environ["SCRIPTS"] = of_project(root, "scripts")


def name_user() -> None:
    """Give a user whom the system does not know a name, which Snakemake asks for.

    In a container or a job of a cluster, the number of the user may be all there is.
    """
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = str(os.getuid())


def plan_file(experiment: str) -> Path:
    """Return where the plan of an experiment's run is kept; two runs have two experiments."""
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


def renew_results(experiment: str, files: list[str]) -> None:
    """Make Snakemake compare the contents of results, and of the demo's files, that were replaced.

    Done at once, before it compares dates, and again when the process ends, wherever it is then.
    """
    folder = Path().absolute()
    store = folder / OWN / "dates" / f"{experiment}.json"
    names = [f"results/{experiment}", *files]
    content_hashes.renew_replaced(store, folder, names)
    atexit.register(content_hashes.renew_replaced, store, folder, names)
