"""Tests of `chalicelib/config`."""
