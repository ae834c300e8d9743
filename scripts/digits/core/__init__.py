"""What every stage uses: errors, atomic files, tables and JSON, the command line, number formats.

Nothing here knows a stage; ``design`` names cells, trials and their files.
"""
