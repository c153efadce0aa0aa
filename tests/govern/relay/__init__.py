"""Relaying: consent, gates and the upload itself."""
