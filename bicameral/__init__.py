"""Bicameral: decision memory for coding agents, measured."""

__version__ = "0.1.0"
