"""Jobs in environments that Snakemake makes with a stand-in for conda, in a minimal Debian."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from bare_system import build_system, copy_checkout

ROOT = Path(__file__).parents[2]
FOLDER = "/srv/digits"
ENVIRONMENT = "envs/environment.yaml"
RUN = ".venv/bin/snakemake --cores 4 --resources gpu=1 --software-deployment-method conda"

# What sourcing conda's script does, as far as jobs are concerned.
ACTIVATE = 'export CONDA_PREFIX="$1" PATH="$1/bin:$PATH"\n'

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can build a Debian system"),
    pytest.mark.skipif(shutil.which("mmdebstrap") is None, reason="mmdebstrap is not installed"),
]


@pytest.fixture
def system():
    with tempfile.TemporaryDirectory(prefix="conda-", ignore_cleanup_errors=True) as folder:
        try:
            system = build_system("trixie", Path(folder, "root"))
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no trixie can be built here: {error}")
        copy_checkout(ROOT, system.root / FOLDER.removeprefix("/"))
        programs = system.root / "opt/conda/bin"
        programs.mkdir(parents=True)
        shutil.copy(Path(__file__).with_name("conda_stand_in.py"), programs / "conda")
        (programs / "conda").chmod(0o755)
        (programs / "activate").write_text(ACTIVATE)
        yield system


def test_jobs_run_in_an_environment_with_the_pinned_packages(system):
    def succeed(command):
        path = {"PATH": "/opt/conda/bin:/usr/local/bin:/usr/bin:/bin"}
        run = system.run(command, FOLDER, variables=path)
        print(run.stdout)
        assert run.returncode == 0, command
        return run.stdout

    succeed("envs/create.sh .venv envs/requirements.txt")
    # Only the environment of the jobs has these packages now.
    succeed(".venv/bin/python -m pip uninstall --quiet --yes tensorflow keras matplotlib seaborn")
    assert "Activating" not in succeed(RUN)
    project = system.root / FOLDER.removeprefix("/")
    (made,) = (project / ".snakemake/conda").glob("*.yaml")
    assert made.read_text() == (ROOT / ENVIRONMENT).read_text()
    assert (project / "results/demo/report/index.html").is_file()
    assert "Nothing to be done" in succeed(f"{RUN} -n")
