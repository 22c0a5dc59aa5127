"""Slack: what a message says, and the webhook that takes it."""
