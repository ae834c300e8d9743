"""Any accepted configuration gives a job graph whose commands contain its values unharmed."""

import json
import os
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snakemake.api import SnakemakeApi
from snakemake.settings.enums import Quietness
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    ResourceSettings,
)

from digits.workflow import plan as plan_of_code
from digits.workflow import run_lock, startup
from digits.config.configuration import complete
from digits.config.field_types import NAME
from digits.core.errors import ConfigError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout to plan in, without what takes long and is the same for every configuration."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "Snakefile", folder)
    shutil.copytree(ROOT / "workflow", folder / "workflow")
    for name in ("envs", "config", "scripts"):
        (folder / name).symlink_to(ROOT / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(plan_of_code.Code, "identities", lambda *_: {})
        patch.setattr(plan_of_code, "code_identity", lambda program, *_: program)
        patch.setattr(plan_of_code, "workflow_identity", lambda _: "")
        patch.setattr(run_lock, "enter", lambda _: None)
        patch.setattr(startup, "renew_results", lambda *_: None)
        patch.setattr(sys, "path", list(sys.path))
        # The workflow changes the environment of its process; here, that of these tests only.
        for name in ("PATH", "PYTHONNOUSERSITE", run_lock.VARIABLE, plan_of_code.VARIABLE):
            patch.setenv(name, os.environ.get(name, ""))
        yield folder


def plan(config):
    """Build the graph of jobs for a configuration file as Snakemake does for its command line."""
    Path("own.yaml").write_text(yaml.safe_dump(config))
    given = ConfigSettings(configfiles=[Path("own.yaml")])
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(ResourceSettings(cores=1), given, snakefile=Path("Snakefile"))
        # There is no public way to the graph, but for ways to print it.
        graph = workflow.dag(DAGSettings(forceall=True)).workflow_api._workflow
        graph._prepare_dag(forceall=True, ignore_incomplete=True, lock_warn_only=True)
        graph._build_dag()
        return [(job.rule.name, job.shellcmd or "") for job in graph.dag.jobs]


HOSTILE = ["$(touch canary)", "`touch canary`", "; touch canary;", "' \"", "-n", "&&", "a b", "\\"]
HOSTILE += ["<results>", "<", "~", "%s"]
TEXT = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=4), min_size=1, max_size=3).map("".join)
NAMES = TEXT.filter(lambda text: len(text.encode("utf-8", "replace")) < 100 and "/" not in text)


def levels(low, high):
    return st.lists(st.integers(low, high), min_size=1, max_size=2, unique=True)


def some(**keys):
    return st.fixed_dictionaries({}, optional=keys)


CONFIGS = st.fixed_dictionaries(
    {
        "experiment": st.from_regex(NAME, fullmatch=True),
        "dataset": st.fixed_dictionaries(
            {"train": NAMES, "test": NAMES},
            optional={
                "test_labels": NAMES | st.none(),
                "label": TEXT,
                "image_shape": st.lists(st.integers(1, 256), min_size=2, max_size=2),
                "classes": st.integers(2, 256)
                | st.lists(st.integers() | TEXT, min_size=2, max_size=4, unique=True),
            },
        ),
    },
    optional={
        "cross_validation": some(
            splits=st.integers(2, 1000), folds=levels(0, 3), seed=st.integers(0, 2**32)
        ),
        "augmentation": some(
            copies=st.integers(0, 100),
            translation=st.floats(0, 1),
            rotation=st.floats(0, 1),
            zoom=st.floats(0, 1),
            seed=st.integers(0, 2**32),
        ),
        "design": some(layers=levels(1, 100), nodes=levels(1, 65536), seeds=levels(0, 4294967295)),
        "training": some(
            epochs=st.integers(1, 10**6 + 1),
            batch_size=st.integers(1, 10**6 + 1),
            dropout=st.floats(0, 1),
            patience=st.integers(1, 10**6 + 1),
            learning_rate=st.floats(0, allow_infinity=False),
            device=st.sampled_from(["auto", "cpu", "gpu"]),
            optimizer=st.sampled_from(["sgd", "adam", "nadam"]),
            stack=st.just("auto") | st.integers(0, 1001),
        ),
        "published": NAMES | st.none(),
        "cache": TEXT | st.none(),
        "cache_size": st.integers(0, 10**6),
    },
)


def name_files(config):
    """Give the files that the configuration names paths where they can be."""
    for key in ("train", "test", "test_labels"):
        if config["dataset"].get(key):
            config["dataset"][key] = f"raw/{key[:5]}{config['dataset'][key]}.csv"
    if config.get("published"):
        config["published"] = f"raw/published{config['published']}"


def put_files(config):
    """Put the files there that the configuration names; planning does not look into them."""
    shutil.rmtree("raw", ignore_errors=True)
    Path("raw").mkdir()
    dataset = config["dataset"]
    for path in filter(None, (dataset["train"], dataset["test"], dataset["test_labels"])):
        Path(path).write_text("")
    if config["published"]:
        Path(config["published"]).mkdir()
        for table in ("results", "history"):
            Path(config["published"], f"{table}.csv").write_text("")


def expected_options(config):
    """The options of commands that hold text, with the text that a shell has to leave alone."""
    dataset = config["dataset"]
    keys = {key: dataset[key] for key in ("label", "image_shape", "classes")}
    for part in ("train", "test"):
        files = {"part": part, "files": [dataset[part]]}
        yield "ingest_images", "--dataset", json.dumps(files | keys, ensure_ascii=False)
    classes = json.dumps(dataset["classes"], ensure_ascii=False)
    for rule in ("describe_data", "plot_data", "split_folds", "tabulate_errors", "write_ensemble"):
        yield rule, "--classes", classes
    if config["cache"]:
        yield "train_cell", "--cache", config["cache"]
    yield "write_config", "--config", json.dumps(config, sort_keys=True)
    if dataset["test_labels"]:
        yield "write_submissions", "--test-labels", dataset["test_labels"]
    if config["published"]:
        yield "write_report", "--published", config["published"]


@given(CONFIGS)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_configuration_is_refused_by_a_key_or_builds_the_whole_graph(checkout, config):
    name_files(config)
    full = json.loads(json.dumps(config))
    try:
        complete(full)
    except ConfigError as error:
        assert re.fullmatch(r"config: ([a-z_]+)(\.[a-z_]+|\.\d)*: expected .+", str(error))
        return
    put_files(full)
    jobs = plan(config)
    cells = len(full["design"]["layers"]) * len(full["design"]["nodes"])
    rules = [rule for rule, _ in jobs]
    assert rules.count("train_cell") == rules.count("predict_cell") == cells
    for rule, option, value in expected_options(full):
        said = f"{option}={shlex.quote(value)}"
        assert any(said in command for name, command in jobs if name == rule), said


@pytest.mark.parametrize("name", ["config.yaml", "kaggle.yaml", "fashion.yaml"])
def test_the_shipped_configurations_build_the_whole_graph(checkout, name):
    config = yaml.safe_load((ROOT / "config" / name).read_text())
    config["dataset"] |= {"source": "csv", "train": "raw/train.csv", "test": "raw/test.csv"}
    config["dataset"]["test_labels"] = None
    Path("raw").mkdir(exist_ok=True)
    for part in ("train", "test"):
        Path("raw", f"{part}.csv").write_text("")
    assert [rule for rule, _ in plan(config)].count("train_cell") == 6


def planned(**dataset):
    """Plan an experiment on the file raw/train.csv; return the rules of its jobs and commands."""
    Path("raw").mkdir(exist_ok=True)
    Path("raw/train.csv").write_text("")
    return plan({"experiment": "one", "dataset": {"train": "raw/train.csv"} | dataset})


def test_without_a_test_set_nothing_is_predicted_submitted_or_scored_for_one(checkout):
    jobs = planned(test=None)
    rules = [rule for rule, _ in jobs]
    assert not {"write_submissions", "write_ensemble", "split_test"} & set(rules)
    assert rules.count("ingest_images") == 1
    assert not any("test.parquet" in command for _, command in jobs)
    for rule, command in jobs:
        assert ("--without-test" in command) == (rule in {"tabulate_results", "write_report"})


def test_a_share_of_the_training_file_is_a_test_set_like_any_other(checkout):
    jobs = planned(test_share=0.2)
    rules = [rule for rule, _ in jobs]
    assert rules.count("ingest_images") == rules.count("split_test") == 1
    assert rules.count("write_submissions") == 1
    (command,) = [command for rule, command in jobs if rule == "split_test"]
    assert "--images results/one/data/whole.parquet" in command
    assert "--share 0.2 --seed 422 --train results/one/data/train.parquet" in command
    (described,) = [command for rule, command in jobs if rule == "describe_data"]
    assert "--test results/one/data/test.parquet" in described
    assert not any("--without-test" in command for _, command in jobs)
