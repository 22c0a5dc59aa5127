"""How the system reaches the world: the only home of boto3, requests and jinja2."""
