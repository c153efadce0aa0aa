"""Capture: the opt-in local record of what a preflight showed and what was then used."""
