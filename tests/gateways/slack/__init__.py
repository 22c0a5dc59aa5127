"""Tests of `chalicelib/gateways/slack`."""
