"""Problems: what a log message says went wrong, as a person would call it, and what makes two messages the same.

A stack trace is known by the types of its exceptions and the places in the application's code that they came through;
anything else by the template of its headline. Stateless: every function gives the same answer, on every day.
"""

from typing import NamedTuple

from chalicelib.domain.grouping.message import headline_of_line, headline_of_record, headline_of_text, is_plain
from chalicelib.domain.grouping.parameterization import template
from chalicelib.domain.grouping.stacktrace import Raised, kind_of, raised_in
from chalicelib.domain.logs.access_log import FAILED, access_of
from chalicelib.domain.logs.reader import LogRecord, read
from chalicelib.domain.logs.service_events import ServiceEvent, of_access
from chalicelib.domain.logs.structured import abridged

MOST_KINDS, MOST_FIELDS = 10, 50


class Problem(NamedTuple):
    """A title, the culprit (a place in the code; empty where no stack tells), and the parts of the fingerprint."""

    title: str
    culprit: str
    identity: tuple[str, ...]


def problem_of(message: str) -> Problem:
    """Read a log message as a problem."""
    if not is_plain(message):
        record = read(message)
        return _of_text(message) if record is None else _of_record(record, message)
    if any(each in message for each in FAILED) and (access := access_of(message)) and access.is_failed:
        return _of_event(of_access(access))
    said = headline_of_line(message)
    return Problem(said, "", (template(said),))


def _of_text(message: str) -> Problem:
    said = headline_of_text(message)
    chain = raised_in(abridged(message))
    return _of_stack(chain, said) if chain else Problem(said, "", (template(said),))


def _of_record(record: LogRecord, message: str) -> Problem:
    """Read a record: by its stack where it has one, else by the error and by what it says of it."""
    said = headline_of_record(record)
    if chain := _raised_in_record(record):
        return _of_stack(chain, said)
    cause = next((each for each in reversed(record.errors) if each.type), None)
    if record.event and cause is None:
        return _of_event(record.event, record.message)
    if cause is not None:
        return Problem(said, "", (cause.type, *_templates(cause.message, record.message)))
    if said:
        return Problem(said, "", _templates(said, record.message))
    names = sorted(record.layers[0])[:MOST_FIELDS]
    title = " ".join(f"{name}={value}" for name, value in record.words.items())
    return Problem(title or message.strip(), "", ("record", *names, *_templates(*record.words.values())))


def _templates(*said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(template, filter(None, said))))


def _raised_in_record(record: LogRecord) -> list[Raised]:
    """Return the exceptions whose stacks a record shows, each by the type that the record gives it."""
    chain: list[Raised] = []
    for error in record.errors:
        raised = raised_in(abridged(error.stack))
        if raised and error.type and not raised[0].kind:
            raised[0].kind = error.type
        chain.extend(raised)
    return chain or raised_in(abridged(record.message))


def _of_event(event: ServiceEvent, message: str = "") -> Problem:
    said = ": ".join(filter(None, (message, event.headline)))
    return Problem(said, "", (*event.identity, *_templates(message, event.said)))


def _of_stack(chain: list[Raised], said: str) -> Problem:
    frames = [frame for each in chain for frame in each.frames]
    culprit = next((each for each in frames if each.own), frames[0])
    return Problem(said, culprit.place, ("stack", *_identity(chain, said)))


def _identity(chain: list[Raised], said: str) -> tuple[str, ...]:
    """Return types of the exceptions, each once, places of the outermost, and places of the cause that began it."""
    kinds = (chain[0].kind or kind_of(said) or template(said), *(each.kind for each in chain[1:]))
    begun = chain[-1].places if len(chain) > 1 else ()
    return (*tuple(dict.fromkeys(kinds))[:MOST_KINDS], "at", *chain[0].places, "from", *begun)
