"""Tests of `chalicelib/domain/notifications`."""
