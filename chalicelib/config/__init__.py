"""The files that a team writes, routes.toml, scan.toml, sources.toml: what they may say, where they are wrong."""
