"""From raw files to checked image tables: sources, headers, ingest, folds, leakage, the demo.

Everything that looks into a file that a user gave belongs here.
"""
