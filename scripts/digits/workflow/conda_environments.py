"""The conda environments of jobs, written from the pinned requirements.

``make pins`` writes them. Conda brings Python, and pip the packages, at the versions of
``requirements.txt``: those that the workflow uses and all that they need, but not those that only
check it.
"""

from pathlib import Path

from digits.core.atomic_files import read_text, write_text
from digits.workflow.packages import pins, wanted

PYTHON = "3.13"
"""The version of Python, that of the container image."""

NAMES = {
    "environment.yaml": "requirements.txt",
    "environment-gpu.yaml": "requirements-gpu.txt",
}
"""Each environment with the requirements that it is written from, in ``envs``."""

ENVIRONMENT = """\
# {use}
# Written from {requirements} by make pins; conda brings Python, pip brings the pinned packages.
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python ={python}
  - pip
  - pip:
{pins}
"""
USES = {
    "environment.yaml": "The environment of jobs with --software-deployment-method conda.",
    "environment-gpu.yaml": "The same for jobs that claim a GPU, with NVIDIA's libraries.",
}


def environment(name: str, envs: Path) -> str:
    """Return the text of a conda environment.

    Parameters
    ----------
    name : one of ``NAMES``
    envs : folder of the requirements

    Raises
    ------
    DataError
        If a file of requirements is missing or not UTF-8.
    """
    packages = wanted(read_text(envs / "requirements.in"))
    lines = pins(read_text(envs / NAMES[name]), packages)
    return ENVIRONMENT.format(
        use=USES[name],
        requirements=NAMES[name],
        python=PYTHON,
        pins="\n".join(f"      - {line}" for line in lines),
    )


def main() -> None:
    """Write the conda environments of the project."""
    envs = Path(__file__).parents[3] / "envs"
    for name in NAMES:
        write_text(envs / name, environment(name, envs))


if __name__ == "__main__":
    main()
