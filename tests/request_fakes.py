"""Stand-ins for what is remembered of requests and sign-ins, in memory."""

from chalicelib.services.operations.ports import Attempt, WrongSignIns


class FakeSignIns:
    """What is remembered of sign-ins, in memory."""

    def __init__(self) -> None:
        self.used_up: set[str] = set()
        self.wrong_ones: dict[str, WrongSignIns] = {}

    def use_up(self, name: str, until: int) -> bool:
        """Remember that something can be used no longer."""
        is_new = name not in self.used_up
        self.used_up.add(name)
        return is_new

    def is_used_up(self, name: str) -> bool:
        """Return whether something is used up."""
        return name in self.used_up

    def wrong(self, source: str) -> WrongSignIns | None:
        """Return the wrong sign-ins from a place."""
        return self.wrong_ones.get(source)

    def count_wrong(self, source: str, wrong: WrongSignIns, known: WrongSignIns | None) -> bool:
        """Write the wrong sign-ins in the place of those known."""
        if known and self.wrong_ones.get(source) != known:
            return False
        self.wrong_ones[source] = wrong
        return True


class FakeIdempotency:
    """The attempts at requests with an idempotency key, in memory."""

    def __init__(self) -> None:
        self.items: dict[str, Attempt] = {}

    def find(self, key: str) -> Attempt | None:
        """Return the attempt with a key."""
        return self.items.get(key)

    def save(self, key: str, attempt: Attempt, known: Attempt | None) -> bool:
        """Write an attempt in the place of the one that is known."""
        stored = self.items.get(key)
        if (stored and stored.at) != (known and known.at):
            return False
        self.items[key] = attempt
        return True

    def delete(self, key: str) -> None:
        """Forget an attempt."""
        self.items.pop(key, None)
