"""Events: as AWS sends them, as the hub keeps them, as agents publish them."""
