"""Checks of a deployed hub: what `python -m infra.verify` reads of AWS, one module a topic."""
