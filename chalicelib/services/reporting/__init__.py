"""The daily and the weekly report."""
