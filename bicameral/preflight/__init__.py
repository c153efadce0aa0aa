"""The preflight: which decisions matter for a change, or silence."""
