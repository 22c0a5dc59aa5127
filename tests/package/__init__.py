"""The package, run as Lambda runs it, merged and deployed; `make check-package` builds it and says where it is."""
