"""When the state of a training is saved, and that it is read as it was."""

import time

import numpy as np
import pytest

from digits.training.checkpoints import Checkpoint, State


@pytest.fixture
def clock(monkeypatch):
    """The seconds that the clock shows; to copy a state from the device takes one."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def state(epoch: int) -> State:
    arrays = {"model": [np.full((3, 2), epoch, np.float32), np.zeros(2, np.float32)]}
    return State(arrays, [{"history": [], "failed": None, "epoch": epoch}])


def saved(checkpoint, epoch, clock, last=False):
    """Whether the state of an epoch is what is found after it."""

    def copied():
        clock[0] += 1
        return state(epoch)

    checkpoint.save(copied, last=last)
    return checkpoint.read().outcomes[0]["epoch"] == epoch


def test_a_state_is_read_as_it_was_saved(tmp_path):
    checkpoint = Checkpoint(tmp_path / "new" / "a.npz", share=0.05)
    assert checkpoint.read() is None
    checkpoint.save(lambda: state(7), last=False)
    found, expected = Checkpoint(tmp_path / "new" / "a.npz", share=0.05).read(), state(7)
    assert found.outcomes == expected.outcomes
    assert found.arrays.keys() == expected.arrays.keys()
    for one, other in zip(found.arrays["model"], expected.arrays["model"], strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_saved_after_the_first_epoch_the_last_one_and_as_often_as_its_share_allows(
    tmp_path, clock
):
    checkpoint, kept = Checkpoint(tmp_path / "a.npz", share=0.2), []
    for epoch in range(1, 12):
        clock[0] += 2
        if saved(checkpoint, epoch, clock, last=epoch == 11):
            kept.append(epoch)
    assert kept == [1, 3, 5, 7, 9, 11]


def test_it_is_saved_after_each_epoch_that_takes_much_longer(tmp_path, clock):
    checkpoint = Checkpoint(tmp_path / "a.npz", share=0.05)
    for epoch in range(1, 4):
        clock[0] += 19
        assert saved(checkpoint, epoch, clock)


def test_a_state_that_is_not_saved_is_not_taken_from_the_device(tmp_path, clock):
    checkpoint = Checkpoint(tmp_path / "a.npz", share=0.05)
    assert saved(checkpoint, 1, clock)
    checkpoint.save(lambda: pytest.fail("copied for nothing"), last=False)
