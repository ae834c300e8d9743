"""The state of a trial, from the files that it has written so far."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from results_folder import (
    alive,
    complete_all,
    finish,
    start,
    trial_folder,
    write,
    write_history,
    write_log,
    write_metrics,
)

from digits.monitor.status import read_status
from digits.monitor.trial_progress import STATES, TrialProgress, time_left

NOW = 2_000_000_000.0
BEGAN = NOW - 100


@pytest.fixture
def folder(tmp_path):
    return start(tmp_path / "results" / "small")


def at(time: float, *paths) -> None:
    for path in paths:
        os.utime(path, (time, time))


def outputs(folder):
    return [trial_folder(folder, *cell) / "metrics.json" for cell in [(2, 16), (2, 32), (3, 16)]]


def read(folder):
    return {trial.cell: trial for trial in read_status(folder, NOW).trials}


def test_trials_that_have_left_nothing_wait(folder):
    assert read(folder) == {
        cell: TrialProgress(cell, 0, 5, epochs=10) for cell in [(2, 16), (2, 32), (3, 16), (3, 32)]
    }


def test_metrics_show_which_trial_has_finished_and_which_one_failed(folder):
    write_metrics(folder, 2, 16, epochs=7, val_accuracy=0.95)
    write_metrics(folder, 2, 32, epochs=2, val_accuracy=None, failed="epoch 3: the loss is nan")
    trials = read(folder)
    one, other = trials[2, 16], trials[2, 32]
    assert (one.state, one.epoch, one.accuracy, one.seconds) == ("finished", 7, 0.95, 20.0)
    assert (other.state, other.message) == ("failed", "epoch 3: the loss is nan")
    assert other.accuracy is None


def test_a_trial_that_has_begun_runs_while_its_run_is_alive_and_is_killed_without(folder, tmp_path):
    log, history = write_log(folder, 2, 16, 4), write_history(folder, 2, 16, [5, 2, 2, 2])
    at(NOW - 1, log, history)
    with alive(tmp_path, outputs(folder), BEGAN):
        trials = read(folder)
        assert read_status(folder, NOW).alive
    trial = trials[2, 16]
    assert (trial.state, trial.epoch, trial.epochs, trial.seconds) == ("running", 4, 10, 11)
    assert trial.accuracy == 0.94
    # Six epochs of two seconds, less the second since the last one ended.
    assert trial.left == 11
    assert trials[2, 32].state == "waiting"
    assert read(folder)[2, 16].state == "killed"
    assert read(folder)[2, 16].left is None
    assert not read_status(folder, NOW).alive


def test_a_killed_trial_waits_in_the_next_run_until_it_goes_on_from_its_last_epoch(
    folder, tmp_path
):
    log = write_log(folder, 2, 16, 4)
    at(BEGAN - 50, log)
    with alive(tmp_path, outputs(folder), BEGAN):
        waiting = read(folder)[2, 16]
        # Snakemake has removed the history, and the job has started its log anew.
        log.write_text(log.read_text().splitlines(keepends=True)[-1])
        at(NOW, log)
        running = read(folder)[2, 16]
    assert (waiting.state, waiting.epoch) == ("waiting", 4)
    assert (running.state, running.epoch, running.accuracy) == ("running", 4, 0.94)
    assert running.left == 12


def test_old_metrics_of_a_trial_that_is_to_be_trained_anew_do_not_count(folder, tmp_path):
    for cell in ((2, 16), (3, 32)):
        at(BEGAN - 50, write_metrics(folder, *cell)[0], write_log(folder, *cell, 10))
    with alive(tmp_path, outputs(folder), BEGAN):
        states = {cell: trial.state for cell, trial in read(folder).items()}
    # Nobody makes the last one anew.
    assert states == {
        (2, 16): "waiting", (2, 32): "waiting", (3, 16): "waiting", (3, 32): "finished"
    }  # fmt: skip


def test_a_run_of_another_experiment_makes_nothing_here(folder, tmp_path):
    write_log(folder, 2, 16, 4)
    with alive(tmp_path, [tmp_path / "results/other/config.yaml"], BEGAN):
        assert read(folder)[2, 16].state == "killed"
        assert not read_status(folder, NOW).alive


def test_a_training_that_ended_with_an_error_has_failed(folder):
    write_log(folder, 2, 16, 3, more="error: epoch 4: the device is out of memory\n")
    trial = read(folder)[2, 16]
    assert (trial.state, trial.epoch) == ("failed", 3)
    assert trial.message == "epoch 4: the device is out of memory"


def test_the_trials_of_a_cell_are_told_apart_in_its_log(tmp_path):
    design = {"layers": [2], "nodes": [16], "seeds": [5, 6, 7]}
    folder = start(tmp_path / "results" / "small", design=design)
    other = "2 x 16, fold 0, seed 6"
    more = f"{other} | 1,000 images, 250 to validate on\nerror: {other}: epoch 1: the loss is nan\n"
    at(NOW - 1, write_log(folder, 2, 16, 4, more))
    files = [
        folder / f"cells/layers-2_nodes-16/fold-0_seed-{seed}/metrics.json" for seed in (5, 6, 7)
    ]
    with alive(tmp_path, files, BEGAN):
        trials = read_status(folder, NOW).trials
    assert [trial.state for trial in trials] == ["running", "failed", "waiting"]
    assert [trial.epoch for trial in trials] == [4, 0, 0]
    assert trials[1].message.endswith("epoch 1: the loss is nan")


def test_the_time_left_of_a_stacked_network_is_that_of_its_stack(folder, tmp_path):
    log, history = write_log(folder, 2, 16, 4), write_history(folder, 2, 16, [1, 0.5, 0.5, 0.5])
    log.write_text(log.read_text().replace("on\n", "on, one of 4 stacked networks\n"))
    at(NOW, log, history)
    with alive(tmp_path, outputs(folder), BEGAN):
        assert read(folder)[2, 16].left == 6 * 4 * 0.5


def test_a_training_that_has_just_begun_tells_nothing_yet(folder, tmp_path):
    at(NOW, write_log(folder, 2, 16, 0))
    with alive(tmp_path, outputs(folder), BEGAN):
        trial = read(folder)[2, 16]
    assert (trial.state, trial.epoch, trial.accuracy, trial.left) == ("running", 0, None, None)


@pytest.mark.parametrize("text", ["", "{", "[]", "nan", "\0", '{"epochs": '])
def test_files_that_cannot_be_read_count_as_not_there(folder, text):
    write(trial_folder(folder, 2, 16) / "metrics.json", text)
    write(trial_folder(folder, 2, 16) / "history.csv", text)
    write(folder / "submissions/Model-2L16N.json", text)
    assert read(folder)[2, 16].state == "waiting"


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 600))
def test_a_log_that_is_being_written_tells_of_whole_lines_only(tmp_path_factory, length):
    folder = start(tmp_path_factory.mktemp("run") / "results" / "small")
    log = write_log(folder, 2, 16, 4)
    text = log.read_text()[:length]
    log.write_text(text)
    assert read(folder)[2, 16].epoch == text.count(" left")


@pytest.mark.parametrize("config", ["", "[1, 2]", "design: {layers: [2]}\n", "a: [", "design: 3\n"])
def test_without_a_configuration_the_trials_are_those_that_have_begun(folder, config):
    write(folder / "config.yaml", config)
    write_metrics(folder, 2, 16, fold=3)
    write_log(folder, 3, 8, 4)
    trials = read_status(folder, NOW).trials
    assert [trial.key for trial in trials] == [(2, 16, 3, 5), (3, 8, 0, 5)]
    assert [trial.state for trial in trials] == ["finished", "killed"]
    assert trials[1].epochs == 10


def test_an_experiment_that_is_not_there_is_not_started(tmp_path):
    status = read_status(tmp_path / "results" / "none", NOW)
    assert not status.there
    assert not status.finished
    assert status.trials == ()


def test_an_experiment_is_finished_once_nothing_is_outstanding(tmp_path):
    folder = tmp_path / "results" / "small"
    one = {"layers": [2], "nodes": [16]}
    finish(folder, {(2, 16, 0, 5): {}}, design=one)
    paths = complete_all(folder)
    assert read_status(folder, NOW).finished
    for path in paths:
        text = path.read_text()
        path.unlink()
        assert not read_status(folder, NOW).finished, path
        write(path, text)
    # Where a training failed the last check fails too, and nothing else is to come.
    finish(folder, {(2, 16, 0, 5): {"failed": "epoch 1: nan", "val_accuracy": None}}, design=one)
    (folder / "cells/check.json").unlink()
    assert read_status(folder, NOW).finished


def test_time_left_shares_out_what_is_to_come_among_the_trainings_that_run():
    trials = [
        TrialProgress((2, 16), 0, 1, state="finished", seconds=10.0),
        TrialProgress((2, 16), 1, 1, state="running", seconds=4.0, left=6.0),
        TrialProgress((2, 16), 2, 1, state="waiting"),
        TrialProgress((5, 99), 0, 1, state="running", seconds=10.0, left=30.0),
        TrialProgress((5, 99), 1, 1, state="killed", seconds=3.0),
        TrialProgress((7, 99), 0, 1, state="failed"),
    ]
    # 6 + 10 (as its cell) + 30 + 40 (as its cell), by two.
    assert time_left(trials) == 43
    assert time_left([trials[0], trials[2]]) is None
    assert time_left([TrialProgress((2, 16), 0, 1, state="running")]) is None


@given(
    st.lists(
        st.builds(
            TrialProgress, cell=st.tuples(st.integers(1, 2), st.just(8)), fold=st.just(0),
            seed=st.just(1),
            state=st.sampled_from(STATES), left=st.floats(0, 1e6) | st.none(),
            seconds=st.floats(0, 1e6) | st.none(),
        )
    )
)  # fmt: skip
def test_time_left_is_at_least_that_of_every_training_that_runs(trials):
    left = time_left(trials)
    running = [t.left for t in trials if t.state == "running" and t.left is not None]
    assert left is None or left >= max(running, default=0)
    assert left is not None or not running
