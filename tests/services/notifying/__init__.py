"""Tests of `chalicelib/services/notifying`."""
