"""The profile for SLURM names the rules that there are."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PROFILE = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())
RULES = {
    name
    for path in [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")]
    for name in re.findall(r"^ *(?:use rule \w+ as|rule) (\w+)", path.read_text(), re.MULTILINE)
}
ALONE = {"train_cell", "check_trials", "check_data"}
"""Those with a submission of their own: trainings, and what fails where one of them did."""

HERE = {"all", "dag", "download_competition", "submit"}
"""Those that are not submitted."""


def test_every_rule_is_in_a_group_or_has_a_submission_of_its_own():
    assert PROFILE["groups"].keys() == RULES - ALONE - HERE
    assert PROFILE["set-resources"].keys() <= RULES


def test_every_group_says_how_many_jobs_it_has_and_how_many_run_side_by_side():
    assert PROFILE["group-components"].keys() == set(PROFILE["groups"].values())
    assert PROFILE["resources"].keys() == PROFILE["set-resource-scopes"].keys()
    assert PROFILE["resources"].keys() <= PROFILE["default-resources"].keys()


def test_another_attempt_asks_for_more():
    requests = PROFILE["default-resources"]
    assert PROFILE["retries"] > 0
    assert all("* attempt" in requests[name] for name in ("mem_mb", "runtime"))
