"""Keras's optimizers and learning-rate schedules, as a recipe asks for them."""

import keras
import tensorflow as tf

from digits.training.recipe import Recipe

START = 1 / 25
"""Learning rate at the start of a one-cycle schedule, as a share of the peak: the usual choice."""


def make_optimizer(recipe: Recipe, steps: int = 1) -> keras.optimizers.Optimizer:
    """Return the Keras optimizer of a recipe; what the recipe leaves open is at Keras's defaults.

    Parameters
    ----------
    steps : number of steps of the whole training, for the schedule
    """
    settings = {"learning_rate": make_schedule(recipe, steps)}
    if recipe.momentum:
        settings |= {"momentum": float(recipe.momentum)}
    if recipe.nesterov:
        settings |= {"nesterov": True}
    # AdamW needs a number; without decay, the others would only take longer.
    if recipe.weight_decay or (recipe.weight_decay is not None and recipe.optimizer == "adamw"):
        settings |= {"weight_decay": float(recipe.weight_decay)}
    if recipe.averaging == "ema":
        settings |= {"use_ema": True, "ema_momentum": float(recipe.ema_momentum)}
    return type(keras.optimizers.get(recipe.optimizer))(**settings)


def make_schedule(
    recipe: Recipe, steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the learning rate of a recipe, as a function of the step unless it is constant.

    constant: ``learning_rate``, its peak. cosine: linearly from 0 to the peak in the first
    ``warm_up`` of all steps, then along half a cosine to ``final_factor`` of the peak. one_cycle:
    likewise, but from ``START`` of the peak and up along half a cosine as well (Smith and Topin
    2018, arXiv:1708.07120, in the form that is common today; the momentum stays as it is).

    Parameters
    ----------
    steps : number of steps of the whole training
    """
    peak, warm_up = float(recipe.learning_rate), round(recipe.warm_up * steps)
    if recipe.schedule == "constant":
        return peak
    rest = max(1, steps - warm_up)
    cosine = keras.optimizers.schedules.CosineDecay
    fall = cosine(peak, rest, alpha=float(recipe.final_factor))
    if not warm_up:
        return fall
    if recipe.schedule == "one_cycle":
        return OneCycle(cosine(peak * START, warm_up, alpha=1 / START), fall)
    return cosine(
        0.0, rest, alpha=float(recipe.final_factor), warmup_target=peak, warmup_steps=warm_up
    )


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
