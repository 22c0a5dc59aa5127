"""Tests of `chalicelib/services/alerting`."""
