"""From a trained network to figures: inference, predictions, metrics, submissions.

What a single trial or cell gives belongs here; comparing cells does not.
"""
