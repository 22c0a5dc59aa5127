"""Credentials: how a secret is known in foreign text, be it by its form or by what stands before it."""
