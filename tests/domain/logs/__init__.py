"""Tests of `chalicelib/domain/logs`."""
