"""The pinned environment: complete, hashed, without addresses, and the one that runs."""

import re
from importlib.metadata import requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from digits.workflow import conda_environments
from digits.workflow.packages import normalise

ENVS = Path(__file__).parents[2] / "envs"
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z-]+\])?==([^\s;\\]+)(.*?)(?=^\S|\Z)", re.M | re.S)


def pins(name):
    return {match[1]: match[2] for match in PIN.finditer((ENVS / name).read_text())}


def conda_pins(name):
    environment = yaml.safe_load((ENVS / name).read_text())
    lines = environment["dependencies"][-1]["pip"]
    return dict(line.split(" ;")[0].split("==") for line in lines)


def wanted(name):
    lines = (ENVS / name).read_text().splitlines()
    return [re.split("[>=]", line)[0] for line in lines if line and line[0] not in "#-"]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("requirements.txt", 80),
        ("requirements-gpu.txt", 80),
        ("requirements-kaggle.txt", 20),
        ("requirements-slurm.txt", 5),
        ("requirements-s3.txt", 8),
        ("requirements-kubernetes.txt", 8),
        ("requirements-test-s3.txt", 12),
    ],
)
def test_every_pin_is_hashed_and_no_index_is_named(name, least):
    text = (ENVS / name).read_text()
    found = list(PIN.finditer(text))
    assert len(found) > least
    assert all("--hash=sha256:" in match[3] for match in found)
    assert "://" not in text
    assert "--index" not in text
    assert "find-links" not in text


def test_the_gpu_environment_is_the_same_with_nvidias_libraries():
    cpu, gpu = pins("requirements.txt"), pins("requirements-gpu.txt")
    assert cpu.items() <= gpu.items()
    assert gpu.keys() - cpu.keys()
    assert all(name.startswith("nvidia-") for name in gpu.keys() - cpu.keys())


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements-kaggle.txt", {"kaggle", "six"}),
        ("requirements-slurm.txt", {"snakemake-executor-plugin-slurm"}),
        ("requirements-s3.txt", {"snakemake-storage-plugin-s3", "boto3"}),
        ("requirements-kubernetes.txt", {"snakemake-executor-plugin-kubernetes", "kubernetes"}),
        ("requirements-test-s3.txt", {"moto", "flask"}),
    ],
)
def test_what_is_installed_beside_the_rest_is_the_same_where_the_rest_needs_it_too(name, wanted):
    beside, others = pins(name), pins("requirements.txt")
    if name in ("requirements-kubernetes.txt", "requirements-test-s3.txt"):
        others |= pins("requirements-s3.txt")
    assert wanted <= beside.keys()
    assert {name: others[name] for name in beside.keys() & others.keys()} == {
        name: pin for name, pin in beside.items() if name in others
    }


def test_packages_that_run_are_the_pinned_ones():
    pinned = pins("requirements.txt")
    for name in wanted("requirements.in"):
        assert version(name) == pinned[name]


@pytest.mark.parametrize("name", conda_environments.NAMES)
def test_conda_environments_are_those_that_make_pins_writes(name):
    assert (ENVS / name).read_text() == conda_environments.environment(name, ENVS)


@pytest.mark.parametrize(("name", "requirements"), conda_environments.NAMES.items())
def test_conda_environments_have_the_same_pins(name, requirements):
    listed, pinned = conda_pins(name), pins(requirements)
    assert listed.items() <= pinned.items()
    checking = set(wanted("requirements.in")[wanted("requirements.in").index("pytest") :])
    assert set(wanted("requirements.in")) - checking <= listed.keys()
    assert not checking & listed.keys()
    assert [key for key in pinned if key.startswith("nvidia-")] == [
        key for key in listed if key.startswith("nvidia-")
    ]


def test_conda_environments_pin_all_that_their_packages_need():
    listed = conda_pins("environment.yaml")
    needed = [
        normalise(requirement.name)
        for name in listed.keys() - {"pyreadline3"}  # of Windows
        for requirement in map(Requirement, requires(name) or [])
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    ]
    assert len(needed) > 80
    assert set(needed) <= listed.keys()
