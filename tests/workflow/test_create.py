"""How envs/create.sh finds an interpreter and makes the environment, with fake programs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CREATE = Path(__file__).parents[2] / "envs" / "create.sh"
TOOLS = ["bash", "sh", "cat", "cp", "find", "getconf", "mkdir", "rm", "xargs"]

# A Python that is supported or not, has ensurepip or not, and says what it is asked to run.
PYTHON = """#!/bin/sh
case "$2" in
*version_info*) exit {unsupported} ;;
*ensurepip*) exit {no_ensurepip} ;;
*_base_executable*) echo "{base}"; exit ;;
*getsitepackages*|"import pip") exit 0 ;;
venv) mkdir -p "$3/bin" "$3/lib" && cp "$0" "$3/bin/python" ;;
esac
echo "{name} $*"
"""
UV = """#!/bin/sh
echo "uv $*"
if [ "$1" = venv ]; then mkdir -p {environment}/bin {environment}/lib; fi
"""
SHIM = "#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n"


class Machine:
    """A folder of programs, and an environment to be made with them."""

    def __init__(self, folder: Path):
        self.programs = folder / "bin"
        self.environment = folder / "Ann's folder"
        self.programs.mkdir()
        for tool in TOOLS:
            (self.programs / tool).symlink_to(shutil.which(tool))

    def install(self, name, text):
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def install_python(self, name, supported=True, ensurepip=True, base=None):
        options = {"unsupported": int(not supported), "no_ensurepip": int(not ensurepip)}
        options["base"] = base or self.programs / name
        self.install(name, PYTHON.format(name=name, **options))

    def install_uv(self):
        self.install("uv", UV.format(environment=f'"{self.environment}"'))

    def create(self, **variables):
        command = [CREATE, str(self.environment), "requirements.txt"]
        free = {name: value for name, value in os.environ.items() if name != "PYTHON"}
        environment = free | {"PATH": str(self.programs)} | variables
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def first_line(run):
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout.splitlines()[0]


def error(run):
    assert run.returncode == 1
    (line,) = run.stderr.splitlines()
    return line


def test_python3_comes_first(machine):
    machine.install_python("python3")
    machine.install_python("python3.12")
    run = machine.create()
    assert first_line(run) == f"python3 -m venv {machine.environment}"
    assert "-m pip install --quiet" in run.stdout
    assert "--require-hashes --no-deps --requirement requirements.txt" in run.stdout


def test_a_supported_version_is_found_beside_a_newer_python3(machine):
    machine.install_python("python3", supported=False)
    machine.install_python("python3.11")
    machine.install_python("python3.12")
    assert first_line(machine.create()).startswith("python3.12 -m venv")


def test_a_shim_that_leads_nowhere_is_passed_over(machine):
    machine.install("python3", SHIM)
    machine.install("python3.13", SHIM)
    machine.install_python("python3.12")
    assert first_line(machine.create()).startswith("python3.12 -m venv")


def test_the_python_that_is_asked_for_is_taken(machine):
    machine.install_python("python3")
    machine.install_python("other")
    assert first_line(machine.create(PYTHON="other")).startswith("other -m venv")


@pytest.mark.parametrize("exists", [True, False])
def test_an_unsupported_python_that_is_asked_for_is_refused(machine, exists):
    machine.install_python("python3")
    if exists:
        machine.install_python("python3.14", supported=False)
    message = error(machine.create(PYTHON="python3.14"))
    assert message == "error: PYTHON=python3.14 is not Python 3.11, 3.12 or 3.13"


def test_uv_brings_python_where_none_is_supported(machine):
    machine.install_python("python3", supported=False)
    machine.install_uv()
    run = machine.create()
    assert f"uv venv --quiet --python 3.13 {machine.environment}" in run.stdout
    assert "--require-hashes --no-deps --requirement requirements.txt" in run.stdout


def test_uv_makes_the_environment_where_python_has_no_ensurepip(machine):
    machine.install_python("python3", ensurepip=False)
    machine.install_uv()
    run = machine.create()
    assert (
        f"uv venv --quiet --python {machine.programs}/python3 {machine.environment}" in run.stdout
    )


@pytest.mark.parametrize("name", ["python3", "python3.12"])
def test_without_ensurepip_and_uv_the_package_to_install_is_named(machine, name):
    machine.install_python(name, ensurepip=False)
    assert error(machine.create()).endswith(f"on Debian and Ubuntu: apt install {name}-venv")


def test_without_python_and_uv_it_is_told_what_to_install(machine):
    machine.install("uv", SHIM)
    assert error(machine.create()).startswith("error: Python 3.11, 3.12 or 3.13 is needed; install")


def test_an_old_environment_is_kept_where_no_new_one_can_be_made(machine):
    (machine.environment / "old").mkdir(parents=True)
    machine.create()
    assert (machine.environment / "old").exists()
    machine.install_python("python3")
    machine.create()
    assert not (machine.environment / "old").exists()


def test_a_failing_installation_fails(machine):
    machine.install_python("python3")
    python = machine.programs / "python3"
    python.write_text(python.read_text() + '[ "$2" != pip ]\n')
    assert machine.create().returncode != 0


def test_bytecode_is_compiled_without_processes_that_need_shared_memory(machine):
    machine.install_python("python3")
    python = machine.programs / "python3"
    added = 'if [ "$2" = venv ]; then echo > "$3/lib/module.py"; fi\n'
    python.write_text(python.read_text() + added)
    lines = machine.create().stdout.splitlines()
    assert lines[-1] == f"python3 -m compileall -qq {machine.environment}/lib/module.py"


def test_the_interpreter_of_the_environment_itself_is_not_taken_to_make_it_again(machine):
    machine.install_python("python3.12")
    active = machine.environment / "bin"
    active.mkdir(parents=True)
    machine.install_python("python3", base=machine.programs / "python3.12")
    (machine.programs / "python3").rename(active / "python3")
    run = machine.create(PATH=f"{active}:{machine.programs}")
    assert first_line(run).startswith("python3.12 -m venv")


def test_an_environment_in_its_place_is_brought_up_to_date_and_a_moved_one_made_again(machine):
    machine.install_python("python3")
    assert "-m venv" in machine.create().stdout
    (machine.environment / "kept").touch()
    run = machine.create()
    assert "-m venv" not in run.stdout
    assert "-m pip install" in run.stdout
    assert (machine.environment / "kept").exists()
    machine.environment = machine.environment.rename(machine.environment.with_name("moved"))
    assert "-m venv" in machine.create().stdout
    assert not (machine.environment / "kept").exists()


def test_packages_of_the_account_do_not_count_as_installed(machine):
    machine.install_python("python3")
    text = (machine.programs / "python3").read_text()
    machine.install("python3", text + 'echo "path: $PYTHONPATH"\n')
    assert "path: /account" not in machine.create(PYTHONPATH="/account").stdout


def test_what_colab_sets_for_uv_does_not_count(machine):
    machine.install_python("python3", ensurepip=False)
    text = UV.format(environment=f'"{machine.environment}"')
    machine.install("uv", text + 'echo "constraint: $UV_CONSTRAINT $UV_SYSTEM_PYTHON"\n')
    run = machine.create(UV_CONSTRAINT="/missing/requirements.constraints", UV_SYSTEM_PYTHON="true")
    assert run.returncode == 0, run.stderr
    assert "constraint:  \n" in run.stdout
