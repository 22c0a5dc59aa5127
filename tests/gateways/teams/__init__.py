"""Tests of the notifier of Teams."""
