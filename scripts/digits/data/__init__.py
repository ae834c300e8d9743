"""From raw files to checked image tables: sources, headers, ingest, folds, leakage, the demo.

Everything that reads a file supplied by the user belongs here.
"""
