"""A cold start is short when it does no more than the one job that it is for.

A service, a gateway or a client is made, and what it is made of imported, when it is first used. And as a start makes
very many objects that stay, to look for garbage among them again and again would take a tenth of it: `app.py` imports
this first; when the first job is done, what was made until then is set aside for good.
"""

import gc

gc.disable()


def is_over() -> None:
    """Look for garbage from now on, among what comes after."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
