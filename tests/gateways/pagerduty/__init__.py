"""Tests of the notifier of PagerDuty."""
