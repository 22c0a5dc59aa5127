"""Tests of `chalicelib/services/agents`."""
