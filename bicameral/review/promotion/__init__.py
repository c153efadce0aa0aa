"""Promotion: a labelled row becomes a row of the data set, with nothing private left in it.

Texts are scanned, a person answers every finding, and what would be written is scanned again.
"""
