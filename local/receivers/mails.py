"""A look-alike of what sends mails in AWS: SNS's Publish and SES's SendEmail, which refuse what the real ones refuse.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html,
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html,
https://docs.aws.amazon.com/ses/latest/dg/header-fields.html
"""

import json
import re
import threading
from collections.abc import Collection
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from local.receivers.answer import Answer

LARGEST_MESSAGE, LONGEST_SUBJECT, MOST_HEADERS, MOST_RECIPIENTS = 256 * 1024, 99, 15, 50
LONGEST_HEADER = 996
# What SES sets itself.
DISALLOWED = frozenset(
    {
        *("bcc", "cc", "content-disposition", "content-type", "date", "from", "message-id", "mime-version"),
        *("reply-to", "return-path", "subject", "to"),
    }
)
SUBJECT = re.compile(r"[!-~][ -~]*")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_pascal)


class MailText(_Part):
    """A text, and how it is encoded."""

    data: Annotated[str, Field(min_length=1)]
    charset: str = "US-ASCII"


class MailBody(_Part):
    """The two forms of a mail."""

    text: MailText
    html: MailText


class MailHeader(_Part):
    """A header beyond those that SES sets."""

    name: Annotated[str, Field(min_length=1, max_length=126, pattern="^[!-9;-@A-~]+$")]
    value: Annotated[str, Field(min_length=1, max_length=995, pattern="^[ -~]*$")]


def _allowed(headers: list[MailHeader]) -> list[MailHeader]:
    names = [each.name.lower() for each in headers]
    if DISALLOWED.intersection(names) or len(set(names)) < len(names):
        raise ValueError("a header is not allowed, or stands there twice")
    if any(len(each.name) + len(each.value) > LONGEST_HEADER for each in headers):
        raise ValueError("a header is too long")
    return headers


class SimpleMail(_Part):
    """A mail that SES puts together."""

    subject: MailText
    body: MailBody
    headers: Annotated[list[MailHeader], Field(max_length=MOST_HEADERS), AfterValidator(_allowed)] = []


class MailContent(_Part):
    """What is in a mail."""

    simple: SimpleMail


class MailDestination(_Part):
    """To whom a mail goes."""

    to_addresses: Annotated[list[str], Field(min_length=1, max_length=MOST_RECIPIENTS)]


class SendEmail(_Part):
    """A request of SES."""

    from_email_address: str
    destination: MailDestination
    content: MailContent


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail as it was sent; `via` says by what."""

    via: str
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain text."""
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""

    @property
    def html(self) -> str:
        """The HTML; nothing in a mail of SNS."""
        part = self.message.get_body(("html",))
        return part.get_content() if part else ""


class MailServices:
    """SNS with one topic, and SES with one domain that is verified; safe to use from many threads."""

    def __init__(self, topics: Collection[str], domain: str) -> None:
        self._topics, self._domain = topics, domain
        self._mails: list[SentMail] = []
        self._lock = threading.Lock()

    @property
    def mails(self) -> tuple[SentMail, ...]:
        """All mails, the oldest first."""
        with self._lock:
            return tuple(self._mails)

    def publish(self, body: bytes) -> Answer:
        """Take a message for a topic, or refuse it."""
        parameters = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        subject, message = parameters.get("Subject", ""), parameters.get("Message", "")
        if parameters.get("Action") != "Publish":
            return _sns_error(HTTPStatus.BAD_REQUEST, "InvalidAction")
        if parameters.get("TopicArn") not in self._topics:
            return _sns_error(HTTPStatus.NOT_FOUND, "NotFound")
        if not SUBJECT.fullmatch(subject) or len(subject) > LONGEST_SUBJECT:
            return _sns_error(HTTPStatus.BAD_REQUEST, "InvalidParameter")
        if not 0 < len(message.encode()) <= LARGEST_MESSAGE:
            return _sns_error(HTTPStatus.BAD_REQUEST, "InvalidParameter")
        mail = EmailMessage(SMTP)
        mail["From"], mail["To"], mail["Subject"] = "no-reply@sns.example.com", "ops@example.com", subject
        mail.set_content(message)
        sent = self._send(SentMail("SNS", mail))
        done = f"<PublishResponse><PublishResult><MessageId>{sent}</MessageId></PublishResult></PublishResponse>"
        return Answer(HTTPStatus.OK, done, {"Content-Type": "text/xml"})

    def send_email(self, body: bytes) -> Answer:
        """Take a mail, or refuse it."""
        try:
            request = SendEmail.model_validate_json(body)
        except ValidationError as error:
            return _ses_error("BadRequestException", str(error.errors(include_url=False)[0]["loc"]))
        name, sender = parseaddr(request.from_email_address)
        if sender.rpartition("@")[2] != self._domain:
            return _ses_error("MessageRejected", "Email address is not verified.")
        mail = EmailMessage(SMTP)
        mail["From"] = Address(name, addr_spec=sender)
        mail["To"] = [Address(addr_spec=each) for each in request.destination.to_addresses]
        simple = request.content.simple
        mail["Subject"] = simple.subject.data
        for each in simple.headers:
            mail[each.name] = each.value
        mail.set_content(simple.body.text.data)
        mail.add_alternative(simple.body.html.data, subtype="html")
        return Answer.of_json(HTTPStatus.OK, {"MessageId": self._send(SentMail("SES", mail))})

    def _send(self, mail: SentMail) -> str:
        """Send a mail, which gets an id that nobody chooses."""
        found = uuid4().hex
        mail.message["Message-ID"] = f"<{found}@email.example.com>"
        bytes(mail.message)  # what cannot be put on the wire is refused here
        with self._lock:
            self._mails.append(mail)
        return found


def _sns_error(status: HTTPStatus, code: str) -> Answer:
    body = f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code></Error></ErrorResponse>"
    return Answer(status, body, {"Content-Type": "text/xml"})


def _ses_error(code: str, message: str) -> Answer:
    document: dict[str, Any] = {"message": message}
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return Answer(HTTPStatus.BAD_REQUEST, json.dumps(document), headers)
