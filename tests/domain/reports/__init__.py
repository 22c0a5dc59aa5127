"""Tests of `chalicelib/domain/reports`."""
