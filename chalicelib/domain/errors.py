"""What can go wrong, in our own words.

::

    MonitoringError
    ├── Invalid             a request or a file asks for something that cannot be: 400
    ├── NotFound            nothing has that id: 404
    ├── Conflict            it is there already, or has changed meanwhile: 409
    ├── KeyReused           an idempotency key belongs to another request: 422
    ├── TooLarge            the request's body is beyond the limit: 413
    ├── Unusable            a link in a message cannot be used
    │   ├── Damaged         it is none of ours, or was changed: 403
    │   ├── Expired         its time is over: 410
    │   └── Outdated        what it was about is over: 410
    ├── SignInRefused       nobody of that token, or link, may sign in: the form is shown again
    ├── ProviderFailed      a company's OpenID provider cannot be asked, or says what cannot be: the form is shown again
    ├── TooManyAttempts     sign-ins went wrong so often that the next has to wait: 429
    ├── Misconfigured       a setting is missing or wrong; names the variable or parameter
    └── PublishFailed       the event bus did not take all entries; `failed` of them
"""

from msgspec import Struct


class Violation(Struct, frozen=True):
    """One thing that is wrong, and with which field; of a request, `location` says where: query, body."""

    field: str
    message: str
    location: str = ""


class MonitoringError(Exception):
    """The root of all errors that we raise ourselves; its text may be shown to anyone who may call us."""


class Invalid(MonitoringError):
    """A request or a file asks for something that cannot be."""

    def __init__(self, message: str, *violations: Violation) -> None:
        super().__init__(message)
        self.violations = violations


class NotFound(MonitoringError):
    """Nothing has that id."""


class Conflict(MonitoringError):
    """It is there already, or it has changed meanwhile."""


class KeyReused(MonitoringError):
    """An idempotency key belongs to another request."""


class TooLarge(MonitoringError):
    """The request's body is beyond the limit."""


class Unusable(MonitoringError):
    """A link in a message cannot be used."""


class Damaged(Unusable):
    """The link is none of ours, or was changed."""


class Expired(Unusable):
    """The link's time is over."""


class Outdated(Unusable):
    """What the link was about is over, or somebody has changed it since."""


class SignInRefused(MonitoringError):
    """Nobody of that token may sign in, or the link was used before."""


class ProviderFailed(MonitoringError):
    """A company's OpenID provider cannot be asked, or says what cannot be."""


class TooManyAttempts(MonitoringError):
    """Sign-ins went wrong too often; the next may follow after `wait` seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many sign-ins went wrong. Try again in {wait} seconds.")
        self.wait = wait


class Misconfigured(MonitoringError):
    """A setting is missing or wrong; the text names the variable or parameter and what is allowed."""


class PublishFailed(MonitoringError):
    """The event bus did not take `failed` entries, however often they were sent; the text names its error codes."""

    def __init__(self, failed: int, codes: str) -> None:
        super().__init__(f"{failed} entries were not taken by the event bus: {codes}")
        self.failed = failed
