"""Alerts: the problems that events tell of, from the first event to the end."""
