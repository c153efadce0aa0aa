"""What past commits say of decisions: which they cite, where, in which words.

Read from `git log` once and added to commit by commit; all of it can be read again.
"""
