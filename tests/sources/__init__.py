"""Tests of the sources: what the hub reads from each kind of event."""
