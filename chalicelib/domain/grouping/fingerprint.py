"""Problems: what a log message says went wrong, as a person would call it, and what makes two messages the same.

A stack trace is known by the types of its exceptions and the places in the application's code that they came through;
anything else by the template of its headline. Stateless: every function gives the same answer, on every day.
"""

from typing import NamedTuple

from chalicelib.domain.grouping.message import headline, headline_of_line, is_plain, stacks
from chalicelib.domain.grouping.parameterization import template
from chalicelib.domain.grouping.stacktrace import Raised, kind_of, raised_in
from chalicelib.domain.logs.structured import structured

MOST_KINDS, MOST_FIELDS = 10, 50


class Problem(NamedTuple):
    """A title, the culprit (a place in the code; empty where no stack tells), and the parts of the fingerprint."""

    title: str
    culprit: str
    identity: tuple[str, ...]


def problem_of(message: str) -> Problem:
    """Read a log message as a problem."""
    if is_plain(message):
        said = headline_of_line(message)
        return Problem(said, "", (template(said),))
    said = headline(message)
    chain = next(filter(None, map(raised_in, stacks(message))), None)
    if chain is None:
        return Problem(said, "", _identity_of_record(said) or (template(said),))
    frames = [frame for each in chain for frame in each.frames]
    culprit = next((each for each in frames if each.own), frames[0])
    return Problem(said, culprit.place, ("stack", *_identity(chain, said)))


def _identity_of_record(said: str) -> tuple[str, ...]:
    """Return the names of the fields of a record that says nothing else to people; nothing for other headlines."""
    record = structured(said) if said.startswith("{") else None
    return ("record", *sorted(record)[:MOST_FIELDS]) if record else ()


def _identity(chain: list[Raised], said: str) -> tuple[str, ...]:
    """Return types of the exceptions, each once, places of the outermost, and places of the cause that began it."""
    kinds = (chain[0].kind or kind_of(said) or template(said), *(each.kind for each in chain[1:]))
    begun = chain[-1].places if len(chain) > 1 else ()
    return (*tuple(dict.fromkeys(kinds))[:MOST_KINDS], "at", *chain[0].places, "from", *begun)
