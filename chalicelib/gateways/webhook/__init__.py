"""Webhooks: notifications as signed JSON, for programs of one's own."""
