"""Tests of `chalicelib/gateways/dynamodb`."""
