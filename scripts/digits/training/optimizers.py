"""Keras's optimizers and learning-rate schedules, as a recipe asks for them."""

import keras
import tensorflow as tf

from digits.training.recipe import Recipe

START = 1 / 25
"""Learning rate at the start of a one-cycle schedule, as a share of the peak: the usual choice."""


class Rate:
    """The learning rate of a step, computed once for all arrays of weights.

    Keras evaluates a schedule for each of them, which takes up to a tenth of a training.

    Parameters
    ----------
    schedule : from the step, the first of which is 0, to the learning rate
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> None:
        self.schedule = schedule
        self.current = None

    def start(self, step: tf.Tensor) -> None:
        """Compute the learning rate of a step."""
        self.current = self.schedule(step)

    def __call__(self) -> tf.Tensor:
        """Return the learning rate of the current step, as Keras asks for it."""
        return self.current


def make_optimizer(recipe: Recipe, rate: Rate | None = None) -> keras.optimizers.Optimizer:
    """Return the Keras optimizer of a recipe; what the recipe leaves open is at Keras's defaults.

    Parameters
    ----------
    rate : the learning rate, if it is not constant
    """
    settings = {"learning_rate": rate or float(recipe.learning_rate)}
    if recipe.momentum:
        settings |= {"momentum": float(recipe.momentum)}
        settings |= {"nesterov": True} if recipe.nesterov else {}
    # AdamW needs a number; without decay, the others would only take longer.
    if recipe.weight_decay or (recipe.weight_decay is not None and recipe.optimizer == "adamw"):
        settings |= {"weight_decay": float(recipe.weight_decay)}
    if recipe.averaging == "ema":
        settings |= {"use_ema": True, "ema_momentum": float(recipe.ema_momentum)}
    return type(keras.optimizers.get(recipe.optimizer))(**settings)


def make_rate(recipe: Recipe, steps: int) -> Rate | None:
    """Return the learning rate of a recipe, None if it is constant.

    cosine: linearly from 0 to ``learning_rate``, the peak, in the first ``warm_up`` of all steps,
    then along half a cosine to ``final_factor`` of the peak. one_cycle: likewise, but up from
    ``START`` of the peak along half a cosine as well (Smith and Topin 2018, arXiv:1708.07120, in
    the form that is common today; the momentum stays as it is).

    Parameters
    ----------
    steps : number of steps of the whole training
    """
    peak, warm_up = float(recipe.learning_rate), round(recipe.warm_up * steps)
    if recipe.schedule == "constant":
        return None
    rest = max(1, steps - warm_up)
    cosine = keras.optimizers.schedules.CosineDecay
    fall = cosine(peak, rest, alpha=float(recipe.final_factor))
    if not warm_up:
        return Rate(fall)
    if recipe.schedule == "one_cycle":
        return Rate(OneCycle(cosine(peak * START, warm_up, alpha=1 / START), fall))
    settings = {"alpha": float(recipe.final_factor)}
    return Rate(cosine(0.0, rest, warmup_target=peak, warmup_steps=warm_up, **settings))


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """One schedule, and when its steps are over, another.

    Parameters
    ----------
    rise, fall : the rise decays to more than it begins with
    """

    def __init__(
        self,
        rise: keras.optimizers.schedules.CosineDecay,
        fall: keras.optimizers.schedules.CosineDecay,
    ) -> None:
        super().__init__()
        self.rise, self.fall = rise, fall

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """Return the learning rate of a step, the first of which is 0."""
        steps = self.rise.decay_steps
        return keras.ops.where(step < steps, self.rise(step), self.fall(step - steps))
