"""Agents: which there are, how they are, and what they have scanned."""
