"""Tests of the notifier of the Slack app."""
