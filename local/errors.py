"""What may go wrong with the one-machine stack and is no defect: one line for the person at the terminal."""


class LocalError(Exception):
    """Its text is all that needs to be said."""
