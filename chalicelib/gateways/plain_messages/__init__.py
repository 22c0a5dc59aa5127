"""Plain messages: notifications in fields and lines of plain text, for receivers that take no mrkdwn."""
