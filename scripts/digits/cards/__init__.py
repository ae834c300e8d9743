"""The data card and the model card.

Only programs import it.
"""
