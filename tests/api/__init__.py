"""Tests of `chalicelib/api`."""
