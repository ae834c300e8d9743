"""Evaluating trained networks: inference, predictions, metrics, submissions.

Results of a single trial or cell belong here; comparing cells does not.
"""
