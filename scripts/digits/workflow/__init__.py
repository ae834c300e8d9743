"""What rules and programs need: code identity, the store, locks, graphs, costs.

Only rules and programs use it; no other package does.
"""
