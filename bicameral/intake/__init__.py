"""Intake: decisions read out of documents, as drafts; nothing is stored here.

The way in is `bicameral.intake.reading`: `read_document` for one text, `read_paths` for a folder.
"""
