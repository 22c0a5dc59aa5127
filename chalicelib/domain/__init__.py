"""The words of the house and their rules: no AWS, no network, no clock, no environment.

All times are whole epoch seconds in UTC.
"""
