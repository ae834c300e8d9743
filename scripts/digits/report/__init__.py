"""The report page: from tables and plots to one self-contained file.

Nothing imports it but the programs.
"""
