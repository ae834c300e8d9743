"""Monitoring: the status of an experiment, and the comparison of two experiments.

It reads results folders and never writes to them.
"""
