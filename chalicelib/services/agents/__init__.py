"""The agents and their accounts: register, deployments, names."""
