"""Microsoft Teams: notifications as Adaptive Cards, posted by a workflow."""
