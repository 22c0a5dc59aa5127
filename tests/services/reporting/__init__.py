"""Tests of `chalicelib/services/reporting`."""
