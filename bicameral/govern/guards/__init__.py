"""Guards: code, registry, schemas and pages are held against each other, in both directions."""
