"""What the code says: git, paths, symbols, digests, and where a decision is anchored."""
