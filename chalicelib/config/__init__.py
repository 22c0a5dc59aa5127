"""The configuration files of a team, routes.toml, scan.toml and sources.toml: their models, and their errors."""
