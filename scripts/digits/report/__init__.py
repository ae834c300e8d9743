"""The report page: from tables and plots to one self-contained file.

Only programs import it.
"""
