"""The ledger: decisions, the code they bind, what was judged of them, and who changed what.

All SQL of the project stands in this room.
"""
