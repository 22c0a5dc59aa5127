"""Tests of `chalicelib/gateways/cloudwatch`."""
