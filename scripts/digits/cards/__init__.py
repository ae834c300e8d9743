"""The data card and the model card.

Nothing imports it but the programs.
"""
