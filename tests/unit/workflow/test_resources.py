"""What trainings ask a scheduler for."""

from dataclasses import replace

import pytest

from digits.augmentation.transforms import KINDS
from digits.config.configuration import complete
from digits.config.recipes import COPIES, design_of
from digits.workflow.resources import Trainings, trainings_of

DEMO = Trainings(
    device="CPU",
    folds=1,
    seeds=1,
    tensor=11.3,
    images=14_370,
    epochs=50,
    parameters=319_810,
    batch_size=64,
)
REFERENCE = replace(DEMO, tensor=263.8, images=336_000, epochs=10)


def configuration(**sections):
    config = {
        "experiment": "e",
        "dataset": {"train": "train.csv", "image_shape": [28, 28], "test": None},
        "cross_validation": {"folds": [0, 1, 2, 3, 4]},
        "design": {"layers": [2, 5], "nodes": [100, 200], "seeds": [1, 2, 3]},
    }
    full = config | sections
    complete(full)
    return full


def trainings(config, cell, device="CPU", processes=1):
    tensor = 336_000 * 785
    return trainings_of(
        config, design_of(config), cell, tensor=tensor, device=device, processes=processes
    )


@pytest.mark.parametrize(
    ("trainings", "measured"), [(DEMO, 718), (REFERENCE, 1105)], ids=["demo", "reference"]
)
def test_the_memory_is_more_than_was_measured_and_less_than_twice_as_much(trainings, measured):
    assert 1.2 * measured < trainings.memory() < 2 * measured


def test_the_time_is_several_times_what_was_measured():
    # 38.5 s each, at 87,266 images a second.
    fifteen = replace(REFERENCE, folds=5, seeds=3)
    assert 4 * 15 * 38.5 / 60 < fifteen.minutes() < 6 * 15 * 38.5 / 60


@pytest.mark.parametrize("ask", [Trainings.memory, Trainings.minutes])
def test_another_attempt_asks_for_more(ask):
    assert [ask(REFERENCE, attempt) for attempt in (2, 3)] == [
        2 * ask(REFERENCE),
        3 * ask(REFERENCE),
    ]


def test_several_processes_take_more_memory_and_less_time():
    alone = replace(REFERENCE, folds=5, seeds=3)
    five = replace(alone, processes=5)
    assert five.memory() == pytest.approx(5 * alone.memory(), rel=0.1)
    assert five.minutes() == pytest.approx(alone.minutes() / 5, abs=5)


def test_on_a_gpu_the_trials_are_stacked_and_take_hardly_more_time_but_all_their_tensors():
    one = replace(REFERENCE, device="GPU")
    stacked = replace(one, folds=5, seeds=3)
    assert stacked.stacked == 15
    assert stacked.minutes() == one.minutes()
    assert one.memory() + 4 * one.tensor < stacked.memory() < one.memory() + 14 * one.tensor
    assert replace(stacked, stack=1).minutes() > stacked.minutes()
    assert replace(stacked, device="CPU").stacked == 1


def test_new_copies_of_each_epoch_take_time():
    assert replace(REFERENCE, folds=5, seeds=3, fresh=True).minutes() > (
        replace(REFERENCE, folds=5, seeds=3).minutes()
    )


def test_small_trainings_ask_for_the_least():
    assert DEMO.minutes() == 10


def test_the_costs_of_a_cell_follow_from_the_configuration_and_the_size_of_its_tensor():
    config = configuration()
    found = trainings(config, (5, 200))
    assert found == replace(
        REFERENCE, tensor=263.76, folds=5, seeds=3, parameters=200 * (784 + 4 * 200)
    )
    assert trainings(config, (2, 100)).minutes() < found.minutes()


def test_a_tensor_whose_copies_are_made_anew_has_each_image_once():
    config = configuration(augmentation={"mode": "fresh", "copies": 2})
    assert trainings(config, (5, 200)).images == 7 * 336_000


def test_as_many_kinds_of_copies_are_counted_as_there_are():
    assert len(KINDS) == COPIES
