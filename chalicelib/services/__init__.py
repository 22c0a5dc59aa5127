"""What the system does, one verb each; every collaborator is a parameter."""
