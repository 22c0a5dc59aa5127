"""Proof that the API keeps to its contract: docs/openapi.json, and what the document cannot say."""
