"""The spool: what is queued, how it survives, and what it never holds."""
