"""Precompile: writes the templates as Python, which Jinja2 would otherwise parse at each cold start.

`python -m infra.precompile FOLDER`
"""

import sys
from pathlib import Path

from chalicelib.gateways.slack.templates import Templates

if __name__ == "__main__":
    Templates().compile(Path(sys.argv[1]))
