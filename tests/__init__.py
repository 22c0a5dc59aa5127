"""What the hub promises, as tests that mirror its rooms."""
