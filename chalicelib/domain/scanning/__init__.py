"""Scanning: windows, queries, coverage, gaps and budget."""
