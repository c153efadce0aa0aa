"""Looking at the whole from inside: the self-check."""
