"""The files by which others run the project: container, continuous integration, hooks, catalog.

Each was also checked by its own linter; these tests hold what it says and the project together.
"""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text()
CI = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
JOBS = [
    (path.name, name, job)
    for path in sorted((ROOT / ".github/workflows").glob("*.yml"))
    for name, job in yaml.safe_load(path.read_text())["jobs"].items()
]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", CONTAINERFILE, re.MULTILINE)


def test_the_image_runs_the_demo_with_the_command_of_the_readme():
    command = [part for name in ("ENTRYPOINT", "CMD") for part in json.loads(instructions(name)[0])]
    assert command.pop(1) == "--snakefile"
    assert command.pop(1) == "/opt/digits/Snakefile"
    assert f"    .venv/bin/{' '.join(command)}\n" in (ROOT / "README.md").read_text()


def test_the_image_has_the_pinned_packages_for_processors_and_for_gpus():
    assert instructions("ARG") == ["REQUIREMENTS=requirements.txt", "MORE="]
    assert '"envs/$REQUIREMENTS"' in instructions("RUN")[0]
    assert instructions("RUN")[1].startswith('[ -z "$MORE" ] || ')
    assert "REQUIREMENTS=requirements-gpu.txt" in CONTAINERFILE
    assert (ROOT / "envs/requirements-gpu.txt").exists()


def test_the_image_has_all_that_a_run_reads_and_nothing_that_is_not_tracked():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert {"Snakefile", "config", "envs", "profiles", "scripts", "workflow"} <= kept
    assert all((ROOT / name).exists() for name in kept)
    assert lines[1] == "*", "all else is left out"


def test_python_is_the_same_in_the_image_in_conda_and_in_continuous_integration():
    (image,) = instructions("FROM")
    assert CI["jobs"]["demo"]["container"] == image.removeprefix("docker.io/library/")
    version = re.search(r"python:([\d.]+)-slim", image)[1]
    for name in ["environment.yaml", "environment-gpu.yaml"]:
        environment = yaml.safe_load((ROOT / "envs" / name).read_text())
        assert environment["dependencies"][0] == f"python ={version}"


def test_continuous_integration_tests_every_supported_python_on_linux_and_macos():
    matrix = CI["jobs"]["test"]["strategy"]["matrix"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    first, end = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()
    assert matrix["python"] == [f"3.{minor}" for minor in range(int(first), int(end))]
    assert [name.partition("-")[0] for name in matrix["os"]] == ["ubuntu", "macos"]


def test_the_demo_of_continuous_integration_is_that_of_the_readme_and_keeps_its_report():
    steps = CI["jobs"]["demo"]["steps"]
    typed = [line for step in steps for line in step.get("run", "").splitlines()]
    readme = (ROOT / "README.md").read_text()
    assert len(typed) == 3
    assert all(f"    {line}\n" in readme for line in typed)
    (kept,) = [step["with"] for step in steps if step.get("with", {}).get("name") == "report"]
    assert kept["path"] == "results/demo/report/index.html"
    assert kept["if-no-files-found"] == "error"


@pytest.mark.parametrize(("file", "name", "job"), JOBS, ids=lambda value: str(value)[:20])
def test_jobs_call_targets_that_exist_and_have_a_limit_of_time(file, name, job):
    text = json.dumps(job)
    targets = set(re.findall(r"\bmake ([a-z0-9-]+)", text))
    assert targets <= set(
        re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )
    assert job["timeout-minutes"]
    assert all("@" in step["uses"] for step in job["steps"] if "uses" in step)


def test_hooks_run_the_checks_of_make_lint_at_the_pinned_versions():
    assert [hook["id"] for hook in HOOKS] == [
        "ruff-check", "ruff-format", "snakefmt", "import-linter",
    ]  # fmt: skip
    pinned = (ROOT / "envs/requirements.txt").read_text()
    for hook in HOOKS:
        (package,) = hook["additional_dependencies"]
        assert re.search(rf"^{re.escape(package)} ", pinned, re.MULTILINE), package
        assert hook["language"] == "python"


def test_the_catalog_s_file_has_the_keys_that_the_catalog_documents():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage.keys() == {"software-stack-deployment"}
    deployment = usage["software-stack-deployment"]
    assert deployment.keys() == {"conda", "apptainer", "apptainer+conda", "report"}
    assert all(isinstance(value, bool) for value in deployment.values())
    assert deployment["conda"]
    assert (ROOT / "config/README.md").exists(), "the catalog shows it as the configuration"
