"""Tests of `chalicelib/services/ingestion`."""
