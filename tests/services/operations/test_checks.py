"""What is checked every five minutes, in an order in which nothing keeps anything else from its turn."""

from typing import Any, cast

import pytest

from chalicelib.services.operations.checks import Checks


def test_reminders_that_take_all_the_time_keep_no_check_from_its_turn() -> None:
    done: list[str] = []

    class Check:
        def __init__(self, name: str) -> None:
            self.name = name

        def check(self, *_: str) -> None:
            done.append(self.name)

    def time_is_up() -> None:
        raise KeyboardInterrupt

    agents, canaries, failures = [cast("Any", Check(name)) for name in ("agents", "canaries", "failure destinations")]
    with pytest.raises(KeyboardInterrupt):
        Checks(agents, canaries, failures, time_is_up).run("111122223333", "eu-west-1")
    assert done == ["agents", "canaries", "failure destinations"]
