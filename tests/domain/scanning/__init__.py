"""Tests of `chalicelib/domain/scanning`."""
