"""Alerts: the problems that events report, from the first event to the end."""
