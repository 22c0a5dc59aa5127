"""What becomes of alerts: people, silences and the passing of time."""
