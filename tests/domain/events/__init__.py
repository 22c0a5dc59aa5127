"""Tests of `chalicelib/domain/events`."""
