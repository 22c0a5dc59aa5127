"""Plain messages: notifications as fields and lines of plain text, for receivers without mrkdwn."""
