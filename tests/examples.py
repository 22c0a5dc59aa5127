"""How many examples a property is tried on: a profile says it for all, and a property may ask for a share of that.

`make test` takes the quick profile and `make check-properties` a longer one; ADR 20 says why there are several.
"""

from typing import Any

from hypothesis import settings

# No deadline anywhere: how busy a machine is, is no property of the code.
PROFILES = {
    # The same examples each time, so that a test which fails has something to do with the change.
    "quick": settings(max_examples=50, deadline=None, derandomize=True),
    "thorough": settings(max_examples=200, deadline=None, derandomize=True),
    # Others each time, and what failed comes first in the next run.
    "fresh": settings(max_examples=1_000, deadline=None, derandomize=False, print_blob=True),
}


def choose(name: str) -> None:
    """Register the profiles, and take one of them unless pytest is told another with `--hypothesis-profile`."""
    for each, profile in PROFILES.items():
        settings.register_profile(each, profile)
    settings.load_profile(name)


def examples(share: float, **others: Any) -> settings:
    """Return the settings for a share of the profile's examples: less than 1 where one costs much, or says little."""
    return settings(max_examples=max(1, round(settings().max_examples * share)), **others)
