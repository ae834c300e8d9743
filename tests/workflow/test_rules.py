"""Conventions that every rule follows, and Snakemake's own linter."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
RULE = re.compile(r"^ *rule (\w+):\n(.*?)(?=^ *rule \w+:|^\S|\Z)", re.MULTILINE | re.DOTALL)
RULES = dict(match for path in FILES for match in RULE.findall(path.read_text()))
DERIVED = re.compile(r"^use rule (\w+) as (\w+) with:\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
VARIANTS = [match for path in FILES for match in DERIVED.findall(path.read_text())]
TOOLS = {"compare_experiments", "manage_cache", "show_status"}
"""Programs for people, which no rule calls."""

UNTIMED = {"tabulate_costs", "write_report", "check_trials"}
"""The benchmark files are gathered before these run, which report on them."""


def test_every_program_has_its_rule_and_every_rule_its_program():
    programs = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert programs - TOOLS == RULES.keys()
    assert len(RULES) == 29


@pytest.mark.parametrize("name", RULES)
def test_rule_keeps_the_conventions(name):
    body = RULES[name]
    docstring = re.match(r'\s*"""(.+?)"""', body, re.DOTALL)
    assert docstring, "a docstring"
    assert f'code=code("{name}")' in body, "the identity of its code in its params"
    assert f"<results>/logs/{name}/" in body, "a log in a folder of its name"
    timed = f"<results>/benchmarks/{name}/" in body
    assert timed == (name not in UNTIMED), "a benchmark in a folder of its name"
    command = f'python "$SCRIPTS/{name}.py" --code {{params.code}}'
    assert command in body, "the program of its name, called by the shell with its identity"
    assert "&> {log}" in body, "its lines in the log, which the run prints where it fails"
    for section in ("input", "output"):
        lines = re.search(rf"^( *){section}:\n(.*?)(?=^\1\w+:)", body, re.MULTILINE | re.DOTALL)
        if lines:
            indent = lines.group(1) + "    "
            items = re.findall(rf"^{indent}(\S.*)$", lines.group(2), re.MULTILINE)
            items = [item for item in items if item[0] not in ")+]"]
            assert all(re.match(r"\w+=", item) for item in items), f"keywords in {section}"


@pytest.mark.parametrize("name", RULES)
def test_rule_gives_its_program_options_that_it_has(name):
    command = RULES[name].split("shell:")[1]
    given = set(re.findall(r"(?<![\w-])--[a-z-]+", command))
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / f"{name}.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    known = set(re.findall(r"--[a-z-]+", done.stdout))
    assert given <= known


@pytest.mark.parametrize(("origin", "name", "body"), VARIANTS, ids=lambda part: part[:24])
def test_a_rule_made_of_another_has_a_log_and_a_benchmark_of_its_own(origin, name, body):
    assert origin in RULES
    assert f"<results>/logs/{name}/" in body
    assert f"<results>/benchmarks/{name}/" in body


def test_snakefile_is_a_page_that_shows_the_pipeline():
    text = (ROOT / "Snakefile").read_text()
    assert 35 <= len(text.splitlines()) <= 60
    assert not re.search(r"^(def |print\()", text, re.MULTILINE)
    included = re.findall(r'^include: "workflow/rules/(.+)"$', text, re.MULTILINE)
    assert sorted(included) == [path.name for path in FILES]


def test_snakemake_finds_nothing_to_object_to():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--lint"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Congratulations" in done.stdout + done.stderr


def test_large_networks_are_trained_first():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--dry-run", "--forceall"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    trainings = re.findall(
        r"^rule train_cell:\n.*?layers=(\d), nodes=(\d+),.*?priority: (\d+)$",
        done.stdout,
        re.MULTILINE | re.DOTALL,
    )
    # By the number of their weights.
    cells = [("2", "100"), ("3", "100"), ("5", "100"), ("2", "200"), ("3", "200"), ("5", "200")]
    assert {(layers, nodes): int(rank) for layers, nodes, rank in trainings} == dict(
        zip(cells, range(1, 7), strict=True)
    )


def test_captions_are_all_used_and_all_there():
    text = "".join(path.read_text() for path in [ROOT / "Snakefile", *FILES])
    used = set(re.findall(r'report/(\w+\.rst)"', text))
    there = {path.name for path in (ROOT / "workflow" / "report").glob("*.rst")}
    assert used == there
