"""The domain: the terms of the field and their rules; no AWS, no network, no clock, no environment.

All times are whole epoch seconds in UTC.
"""
