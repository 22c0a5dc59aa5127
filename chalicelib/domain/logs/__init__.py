"""Log lines: their level, their text, their structure."""
