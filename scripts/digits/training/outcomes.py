"""How the training of a network went: its epochs, and whether there is a further one."""

from dataclasses import dataclass

from digits.training.recipe import Recipe


@dataclass(frozen=True)
class Epoch:
    """The metrics of one epoch.

    ``seconds`` is wall time, ``cpu_seconds`` processor time, both with validation; of networks that
    are trained stacked, each has an equal share. ``loss`` and ``accuracy`` are means over the
    batches during the epoch, with dropout and while the weights changed. Those of the validation
    part are measured at its end, without dropout.
    """

    epoch: int
    seconds: float
    cpu_seconds: float
    accuracy: float
    loss: float
    val_accuracy: float
    val_loss: float


@dataclass
class Outcome:
    """How the training of a network went.

    Attributes
    ----------
    history : all epochs, those before an interruption included
    failed : what was wrong with the epoch after them, if its loss became NaN or infinite
    """

    history: list[Epoch]
    failed: str | None = None

    @property
    def best(self) -> Epoch:
        """The epoch with the lowest ``val_loss``; the first one wins a tie."""
        return min(self.history, key=lambda epoch: epoch.val_loss)

    def is_over(self, recipe: Recipe) -> bool:
        """Return whether there is no further epoch: all are done, it stopped early, or it failed.

        Training stops early when ``val_loss`` has not improved for ``recipe.patience`` epochs.
        """
        done = len(self.history)
        stalled = done and done - self.best.epoch >= recipe.patience
        return bool(self.failed or done == recipe.epochs or stalled)


def divergence(epoch: Epoch) -> str:
    """Describe an epoch whose loss became NaN or infinite."""
    return (
        f"epoch {epoch.epoch}: the loss is {epoch.loss:g}, on the validation part"
        f" {epoch.val_loss:g}; a smaller training.learning_rate may help"
    )
