"""What the workflow does each time it is parsed, before it looks at its configuration."""

import atexit
import getpass
import os
import sys
from pathlib import Path

from digits import contents, environment, packages, plan, runs

PLAN = Path(".snakemake/digits/plan.json")
HASHES = Path(".snakemake/digits/hashes.json")
"""What the workflow keeps for itself, beside Snakemake's own records."""


def start(root: Path, *, main: bool, deployed: bool) -> plan.Plan:
    """Prepare the environment that jobs inherit, mark the run as alive, and plan its code.

    Parameters
    ----------
    root : folder of the Snakefile
    main : whether this process is the run itself, not one that it started for a single job
    deployed : whether jobs run in environments that Snakemake makes for them

    Raises
    ------
    DigitsError
        If other packages are installed than pinned, or the code of a job is not that of its run.
    """
    ignored = environment.foreign(os.environ)
    if ignored and main:
        print(f"note: jobs run without {', '.join(ignored)}, set here", file=sys.stderr)
    interpreter = None if deployed else Path(sys.executable)
    environment.settle(environment.for_jobs(os.environ, interpreter))
    name_user()
    if not deployed:
        packages.check_installed(Path(of_project(root, "envs/requirements.txt")))
    os.environ[runs.VARIABLE] = str(runs.enter(Path(".snakemake")) or "")
    planned = plan.make_plan(root) if main else plan.read_plan(PLAN, root)
    os.environ[plan.VARIABLE] = planned.sources
    os.environ["SCRIPTS"] = of_project(root, "scripts")
    return planned


def name_user() -> None:
    """Give a user whom the system does not know a name, which Snakemake asks for.

    In a container or a job of a cluster, the number of the user may be all there is.
    """
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = str(os.getuid())


def of_project(root: Path, path: str) -> str:
    """Return a path in the project's folder as it is best found from the working folder.

    It is part of what Snakemake records, so it is the same wherever a checkout lies.
    """
    return path if root.samefile(Path()) else str(root / path)


def renew_results(experiment: str, files: list[str]) -> None:
    """Have Snakemake look into results, and the demo's files, that were replaced by older ones.

    Done at once, before it compares dates, and again when the process ends.
    """
    store = Path(f".snakemake/digits/dates/{experiment}.json")
    roots = [Path("results", experiment), *map(Path, files)]
    contents.renew_replaced(store, roots)
    atexit.register(contents.renew_replaced, store, roots)
