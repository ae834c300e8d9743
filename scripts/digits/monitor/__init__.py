"""Looking at experiments: where one stands, and how two differ.

It reads results folders and never writes to them.
"""
