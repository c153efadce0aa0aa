"""Tokens: a rough estimate of what a text costs a model, with no tokeniser to install."""

CHARACTERS_PER_TOKEN = 4


def estimate_tokens(text: str) -> int:
    """Return a quarter of the characters, runs of white space as one; at least 1, 0 of nothing."""
    collapsed = " ".join(text.split())
    return max(1, len(collapsed) // CHARACTERS_PER_TOKEN) if collapsed else 0
