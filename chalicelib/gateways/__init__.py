"""Gateways: how the system reaches the outside world; the only home of boto3, requests and jinja2."""

from chalicelib.gateways import quick_botocore  # noqa: F401 - it acts when it is imported, and so before botocore
