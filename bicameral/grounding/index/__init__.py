"""The code index: what each file of a work tree names, kept so that no file is read twice."""
