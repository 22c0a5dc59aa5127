"""Tests of `chalicelib/domain/agents`."""
