"""Tests of `chalicelib/services/operations`."""
