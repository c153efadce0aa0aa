"""Triage: the queue of suspected rows, the labels people gave, and what they add up to."""
