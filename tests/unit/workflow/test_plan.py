"""Jobs run the code that their run was planned with, or refuse."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digits.workflow import plan
from digits.workflow.code_identity import code_identity
from digits.workflow.plan import CodeError, Plan, check_code, make_plan, read_plan, save_plan

ROOT = Path(__file__).parents[3]
PROGRAM = '''"""Write a number that the library has."""

from pathlib import Path

from digits.core import command_line
from digits.workflow import job


def main(argv=None):
    parser = command_line.parser(__doc__)
    parser.add_argument("--edit", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.edit:
        arguments.edit.write_text("NUMBER = 2\\n")
    from digits.number import NUMBER

    print("the number is", NUMBER)


if __name__ == "__main__":
    job.run(main)
'''


@pytest.fixture
def checkout(tmp_path):
    """A checkout with one more program, that imports a module of its own late."""
    for part in ("Snakefile", "envs", "scripts", "workflow"):
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / part)
    (tmp_path / "scripts/show_number.py").write_text(PROGRAM)
    (tmp_path / "scripts/digits/number.py").write_text("NUMBER = 1\n")
    return tmp_path


@pytest.fixture
def planned(checkout):
    """The plan of a run, and the identity of the program in it."""
    made = make_plan(checkout)
    return made, made.code("show_number", checkout, plan.pins_of(checkout))


def show_number(checkout, planned, *arguments):
    """Run the program as a job of the planned run does."""
    made, code = planned
    return subprocess.run(
        [sys.executable, checkout / "scripts/show_number.py", "--code", code, *arguments],
        env=os.environ | {plan.VARIABLE: made.sources},
        capture_output=True,
        text=True,
        check=False,
    )


REFUSED = (
    "error: show_number: the code was changed while the run was under way;"
    " this job's results are discarded, run again\n"
)


def test_a_job_runs_the_code_that_was_planned(checkout, planned):
    done = show_number(checkout, planned)
    assert (done.returncode, done.stdout, done.stderr) == (0, "the number is 1\n", "")


def test_a_job_refuses_code_that_was_edited_before_it_started(checkout, planned):
    (checkout / "scripts/digits/number.py").write_text("NUMBER = 2\n")
    done = show_number(checkout, planned)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", REFUSED)


def test_a_job_refuses_code_that_was_edited_while_it_ran(checkout, planned):
    done = show_number(checkout, planned, "--edit", checkout / "scripts/digits/number.py")
    assert (done.returncode, done.stdout, done.stderr) == (1, "the number is 2\n", REFUSED)


@pytest.mark.parametrize("text", ["NUMBER = (", "import digits.gone\n"])
def test_a_job_refuses_code_that_is_half_edited(checkout, planned, text):
    (checkout / "scripts/digits/number.py").write_text(text)
    done = show_number(checkout, planned)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", REFUSED)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("scripts/digits/number.py", "# A comment.\nNUMBER = 1\n"),
        ("scripts/digits/number.py", "NUMBER = 1\nANOTHER = 2\n"),
        ("scripts/digits/another.py", "NUMBER = 2\n"),
        ("README.md", "text"),
    ],
)
def test_what_the_program_does_not_run_may_change(checkout, planned, file, text):
    (checkout / file).write_text(text)
    assert show_number(checkout, planned).returncode == 0


def test_code_that_was_edited_and_put_back_before_a_job_is_what_was_planned(checkout, planned):
    number = checkout / "scripts/digits/number.py"
    number.write_text("NUMBER = 2\n")
    assert show_number(checkout, planned).returncode == 1
    number.write_text("NUMBER = 1\n")
    assert show_number(checkout, planned).returncode == 0


def test_outside_of_a_run_any_code_will_do(checkout, monkeypatch):
    monkeypatch.delenv(plan.VARIABLE, raising=False)
    check_code("show_number", "another", checkout / "scripts")


def test_identities_are_kept_until_the_code_changes(checkout, tmp_path, monkeypatch):
    known = tmp_path / "code.json"
    first = make_plan(checkout, known)
    with monkeypatch.context() as patch:
        patch.setattr(plan.Code, "identities", lambda *_: pytest.fail("followed again"))
        assert make_plan(checkout, known) == first
    (checkout / "scripts/digits/number.py").write_text("NUMBER = 2\n")
    second = make_plan(checkout, known)
    changed = {name for name, code in second.programs.items() if code != first.programs[name]}
    assert changed == {"show_number"}
    assert make_plan(checkout) == make_plan(checkout, known) == second


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"of": 1, "programs": {}}'])
def test_kept_identities_that_cannot_be_read_are_made_anew(checkout, tmp_path, text):
    known = tmp_path / "code.json"
    known.write_text(text)
    assert make_plan(checkout, known).programs == make_plan(checkout).programs
    assert json.loads(known.read_text())["programs"]


def test_a_program_that_cannot_be_followed_is_an_error_where_a_rule_asks_for_it(checkout):
    (checkout / "scripts/half.py").write_text("def main(:\n")
    made = make_plan(checkout)
    assert made.code("show_number", checkout, plan.pins_of(checkout))
    with pytest.raises(plan.IdentityError, match=r"half\.py, line 1: invalid syntax"):
        made.code("half", checkout, plan.pins_of(checkout))


def test_another_pin_is_other_code(checkout, monkeypatch):
    (checkout / "scripts/digits/number.py").write_text("import numpy\nNUMBER = numpy.int8(1)\n")
    code = code_identity("show_number", checkout / "scripts", plan.pins_of(checkout))
    monkeypatch.setenv(plan.VARIABLE, plan.fingerprint(checkout / "scripts"))
    check_code("show_number", code, checkout / "scripts")
    pins = checkout / "envs/requirements.txt"
    pins.write_text(pins.read_text().replace("\nnumpy==", "\nnumpy==1"))
    with pytest.raises(CodeError):
        check_code("show_number", code, checkout / "scripts")


def test_a_process_for_a_single_job_takes_the_plan_of_its_run(checkout, planned, tmp_path):
    made, code = planned
    save_plan(made, tmp_path / "plan.json")
    (checkout / "scripts/digits/number.py").write_text("NUMBER = 2\n")
    read = read_plan(tmp_path / "plan.json", checkout)
    assert read == made
    assert read.code("show_number", checkout, plan.pins_of(checkout)) == code


def test_a_process_for_a_single_job_refuses_rules_that_were_edited(checkout, planned, tmp_path):
    save_plan(planned[0], tmp_path / "plan.json")
    rules = checkout / "workflow/rules/folds.smk"
    rules.write_text(rules.read_text() + "# A comment.\n")
    read_plan(tmp_path / "plan.json", checkout)
    rules.write_text(rules.read_text().replace("priority: FIRST", "priority: 3"))
    with pytest.raises(CodeError, match="a rule was changed while the run was under way"):
        read_plan(tmp_path / "plan.json", checkout)


@pytest.mark.parametrize("text", [None, "", "[]", "{}", "5"])
def test_without_a_plan_that_can_be_read_the_code_of_now_counts(checkout, tmp_path, text):
    if text is not None:
        (tmp_path / "plan.json").write_text(text)
    read = read_plan(tmp_path / "plan.json", checkout)
    assert isinstance(read, Plan)
    assert read == make_plan(checkout)
