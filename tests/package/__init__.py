"""The package itself, run as Lambda runs it; `make check-package` builds it first and says where it is."""
