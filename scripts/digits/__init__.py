"""Designed experiments on images of digits: one module per stage of the workflow."""
