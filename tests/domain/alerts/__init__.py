"""Tests of `chalicelib/domain/alerts`."""
