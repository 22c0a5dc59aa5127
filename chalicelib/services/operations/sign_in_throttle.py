"""The sign-in throttle: after failed sign-ins, the next attempt from the same network has to wait."""

import hashlib
import logging
from ipaddress import ip_address, ip_network

from msgspec import Struct

from chalicelib.domain.errors import TooManyAttempts
from chalicelib.services.operations.ports import SignInStore, WrongSignIns
from chalicelib.services.ports import Clock

log = logging.getLogger(__name__)

# So many may fail before the next has to wait: 1 second, 2, 4 and so on, up to half a minute.
FREE_ATTEMPTS = 4
LONGEST_WAIT = 30
# Seconds without a failed sign-in after which those before are forgotten.
REMEMBERED_FOR = 3_600


class SignInThrottle(Struct, frozen=True):
    """Counts failed sign-ins by network."""

    store: SignInStore
    clock: Clock

    def admit(self, source: str) -> "SignInAttempt":
        """Admit an attempt from an address; TooManyAttempts where others from its network failed just now."""
        network = _network(source)
        known = self.store.wrong(network)
        if known and known.at + REMEMBERED_FOR <= self.clock.now():
            known = None
        if wait := self._wait(known):
            raise TooManyAttempts(wait)
        return SignInAttempt(self, network, known)

    def _wait(self, known: WrongSignIns | None) -> int:
        """Return how many seconds the next attempt has to wait."""
        if known is None or known.count < FREE_ATTEMPTS:
            return 0
        pause: int = min(2 ** min(known.count - FREE_ATTEMPTS, 8), LONGEST_WAIT)
        return max(0, known.at + pause - self.clock.now())


class SignInAttempt(Struct, frozen=True):
    """One attempt to sign in, and how many from the same network had failed before."""

    throttle: SignInThrottle
    network: str
    known: WrongSignIns | None

    def went_wrong(self) -> None:
        """Count this attempt as failed."""
        wrong = WrongSignIns((self.known.count if self.known else 0) + 1, self.throttle.clock.now())
        self.throttle.store.count_wrong(self.network, wrong, self.known)
        log.warning("Sign-in refused", extra={"wrong": wrong.count})


def _network(source: str) -> str:
    """Return a digest of an address; of IPv6, of its /64 network, which is one household or server."""
    try:
        address = ip_address(source)
    except ValueError:
        network = "unknown"
    else:
        network = str(ip_network((address, 64), strict=False) if address.version == 6 else address)  # noqa: PLR2004 - IPv6
    return hashlib.sha256(network.encode()).hexdigest()[:32]
