"""What the system does, by topic; every collaborator is a constructor parameter."""
