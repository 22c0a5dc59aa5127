"""Tests of `chalicelib/services/scanning`."""
