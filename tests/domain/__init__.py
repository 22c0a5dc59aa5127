"""Tests of the domain: no AWS, no network, no clock."""
