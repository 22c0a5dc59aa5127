"""Tests of `chalicelib/domain/routing`."""
