"""How the system reaches the world: the only home of boto3, urllib3 and jinja2."""
