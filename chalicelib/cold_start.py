"""A cold start makes very many objects that stay: to look for garbage among them again and again takes a tenth of it.

`app.py` imports this first; when the first job is done, what was made until then is set aside for good.
"""

import gc

gc.disable()


def is_over() -> None:
    """Look for garbage from now on, among what comes after."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
