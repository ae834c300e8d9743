"""Monitoring: the status of an experiment, and the comparison of two experiments.

Only programs import it.
"""
