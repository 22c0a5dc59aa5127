"""The scan of an account's logs for errors, of the present and of the past."""
