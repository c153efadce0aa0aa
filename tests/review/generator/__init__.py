"""Whole sessions with known truth: agents with intents, the real server, and a score.

What really mattered is decided before the server is asked, and never by the rules that the
reconciliation goes by; so the two can disagree, and the score says how often they do.
"""
