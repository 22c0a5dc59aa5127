"""The services, on fakes."""
