"""The files that a team writes, routes.toml and scan.toml: what they may say, and where they are wrong."""
