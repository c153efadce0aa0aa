"""Calibration: the topic gate fitted to labelled rows, and every fit undoable."""
