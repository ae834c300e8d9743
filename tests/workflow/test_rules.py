"""Conventions that every rule follows, and Snakemake's own linter."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rule_files import BODIES, FILES, ORIGINS, TIMED, section

ROOT = Path(__file__).parents[2]
RULES = {name: body for name, body in BODIES.items() if name not in ORIGINS.values()}
VARIANTS = {name: BODIES[name] for name in ORIGINS.values()}
TOOLS = {"compare_experiments", "manage_cache", "plot_experiments", "show_status"}
"""Programs for people, which no rule calls."""

SHARED = {"train_cell": {"train_fresh"}}
"""Rules that call one of several programs, with those of another name than the rule's."""


def test_every_program_has_its_rule_and_every_rule_its_program():
    programs = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    assert programs - TOOLS == RULES.keys() | set().union(*SHARED.values())


@pytest.mark.parametrize("name", RULES)
def test_rule_keeps_the_conventions(name):
    body = RULES[name]
    docstring = re.match(r'\s*"""(.+?)"""', body, re.DOTALL)
    assert docstring, "a docstring"
    program = "{params.program}" if name in SHARED else name
    code = "code(training_program(wildcards))" if name in SHARED else f'code=code("{name}")'
    assert code in body, "the identity of its code in its params"
    assert f"<logs>/{name}/" in body, "a log in a folder of its name"
    command = f'python "$SCRIPTS/{program}.py" --code {{params.code}}'
    assert command in body, "the program of its name, called by the shell with its identity"
    assert "&> {log}" in body, "its lines in the log, which the run prints where it fails"
    for keyword in ("input", "output"):
        items = section(name, keyword)
        depth = len(items) - len(items.lstrip(" "))
        first = re.findall(rf"^ {{{depth}}}([^\s\])*].*|\*\*.*)$", items, re.MULTILINE)
        assert all(re.match(r"\w+=|\*\*rules\.\w+\.output,$", item) for item in first), (
            f"keywords in {keyword}"
        )


@pytest.mark.parametrize("name", RULES)
def test_rule_gives_its_program_options_that_it_has(name, capsys):
    command = RULES[name].split("shell:")[1]
    given = set(re.findall(r"(?<![\w-])--[a-z-]+", command))
    with pytest.raises(SystemExit):
        importlib.import_module(name).main(["--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert given <= known


@pytest.mark.parametrize("name", ["ingest_images", "split_folds", "augment_fold", "check_fold"])
def test_what_trainings_wait_for_goes_first(name):
    first = "train_first" if name == "ingest_images" else "FIRST"
    assert f"    priority: {first}\n" in BODIES[name]


@pytest.mark.parametrize("name", ["describe_data", "plot_data", "plot_augmentation", "draw_graphs"])
def test_what_no_training_waits_for_leaves_the_cores_to_the_others(name):
    assert "**ASIDE" in section(name, "resources")


def test_the_page_does_not_wait_for_the_check_of_the_trainings_nor_the_check_for_the_page():
    assert "check_trials" not in section("write_report", "input")
    assert "write_report" not in section("check_trials", "input")
    assert "    priority: LAST\n" in BODIES["check_trials"]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_rule_made_of_another_has_a_log_of_its_own(name):
    assert f"<logs>/{name}/" in VARIANTS[name]


def test_a_path_is_written_once_where_it_is_made():
    paths = re.findall(r'"(<(?!logs).*?)"', "\n".join(BODIES.values()))
    assert len(set(paths)) == len(paths) > 40
    made = "\n".join(section(name, "output") for name in BODIES)
    assert all(path in made for path in paths)


def test_every_rule_before_the_table_of_costs_is_timed_and_counted():
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--forceall", "-p"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    jobs = re.findall(r"^(?:local)?rule (\w+):\n((?: {4}.+\n)+)", done.stdout, re.MULTILINE)
    timed = {
        (name, path)
        for name, job in jobs
        for path in re.findall(r"^ {4}benchmark: (.+)$", job, re.MULTILINE)
    }
    # There is a rule for experiments without a test file only, which the demo is not.
    assert {name for name, _ in timed} == set(TIMED) - {"split_test"}
    assert all(path.startswith(f"results/demo/benchmarks/{name}/") for name, path in timed)
    (costs,) = (job for name, job in jobs if name == "tabulate_costs")
    counted = re.search(r"^ {4}input: (.+)$", costs, re.MULTILINE)[1].split(", ")
    # The demo's data are no part of the experiment.
    counted.remove("results/demo/design.json")
    assert sorted(counted) == sorted(path for name, path in timed if name != "make_demo")


def test_a_cell_outside_of_the_design_cannot_be_asked_for():
    path = "results/demo/cells/layers-{}_nodes-100/fold-0_seed-422/model.keras"
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "all", "--"]
    for layers, status in ((2, 0), (7, 1)):
        done = subprocess.run(
            [*command, path.format(layers)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == status
        assert ("MissingRuleException" in done.stdout + done.stderr) == (status == 1)


def test_snakefile_is_a_page_that_shows_the_pipeline():
    text = (ROOT / "Snakefile").read_text()
    assert 35 <= len(text.splitlines()) <= 60
    assert not re.search(r"^(def |print\()", text, re.MULTILINE)
    assert sorted(FILES) == sorted((ROOT / "workflow" / "rules").glob("*.smk"))


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
