"""Webhooks: notifications as signed JSON, for other programs."""
