"""The configuration: what its keys may be, how files are read, and one line for each mistake.

Nothing here reads data; the workflow asks it before anything else.
"""
