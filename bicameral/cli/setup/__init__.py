"""`setup`: connects a client by one entry in its settings, or takes that back.

The settings are a person's own text: it is edited, never written anew, so that comments,
order and every other byte stay as they were, and what cannot be edited so is left alone.
"""

from bicameral.cli.setup.command import configure, run

__all__ = ["configure", "run"]
