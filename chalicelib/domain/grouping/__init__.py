"""Grouping: which errors are the same problem, and what it is called."""
