"""Governing what is written: what each field may reveal, what may leave, what is taken out."""
