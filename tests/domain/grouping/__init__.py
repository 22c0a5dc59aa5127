"""Tests of `chalicelib/domain/grouping`."""
