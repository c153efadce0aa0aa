"""Review: the captured log becomes knowledge, and a person has the last word.

`reconciliation` suspects, `triage` lets a person label, `promotion` redacts a labelled row
into a data set, `evaluation` runs the data sets, `calibration` fits the gate to them.
"""
