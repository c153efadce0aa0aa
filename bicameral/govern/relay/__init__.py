"""Relaying: what a person consented to is sent, by one explicit command and nothing else."""
