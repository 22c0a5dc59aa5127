"""The e-mail notifier: plain text to an SNS topic, or HTML and text through SES; each tries once, without waiting."""

from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from chalicelib.gateways.email.mails import ascii_subject, headers_of, plain_text, problem_of, thread_subject
from chalicelib.gateways.plain_messages.composer import PlainComposer
from chalicelib.services.notifying.ports import ANYHOW, Delivered, Handling, Message, Rejected, Retry

if TYPE_CHECKING:
    from chalicelib.domain.routing.receivers import Receiver
    from chalicelib.gateways.notifiers import NotifierContext
    from chalicelib.gateways.plain_messages.message import PlainMessage

UTF_8 = "UTF-8"
SENDER = "Monitoring"
# arn:aws:sns:<region>:…
REGION = 3


def notifier(context: "NotifierContext") -> "EmailNotifier":
    """Return the notifier of all receivers that are topics or mailboxes."""
    return EmailNotifier(context)


class MailThread(Struct, frozen=True):
    """The subject of all mails about an episode: some clients thread by subject only."""

    episode: int
    subject: str


class EmailNotifier:
    """Has AWS send a mail for each message."""

    def __init__(self, context: "NotifierContext") -> None:
        self._context, self._composer = context, PlainComposer(context)
        self._client = cache(context.client)

    def handling(self, _receiver: str) -> Handling:
        """Combine notifications, as a mailbox must not be flooded."""
        return ANYHOW

    def notify(self, message: Message) -> Delivered | Retry | Rejected:
        """Send one mail."""
        from chalicelib.gateways.email.outcomes import outcome_of  # noqa: PLC0415 - botocore's errors, when one is sent

        receiver, plain = self._context.receiver(message.receiver), self._composer.of_message(message)
        if receiver.topic:
            send = partial(self._publish, receiver.topic, plain)
        else:
            send = partial(self._send, receiver, message, plain)
        return outcome_of(send, message.receiver)

    def _publish(self, topic: str, plain: "PlainMessage") -> Mapping[str, Any]:
        client = self._client("sns", topic.split(":")[REGION])
        found: Mapping[str, Any] = client.publish(
            TopicArn=topic, Subject=ascii_subject(plain), Message=plain_text(plain)
        )
        return found

    def _send(self, receiver: "Receiver", message: Message, plain: "PlainMessage") -> Mapping[str, Any]:
        from chalicelib.gateways.email.templates import templates  # noqa: PLC0415 - Jinja2 would slow every cold start

        headers = headers_of(message.notifications, message.receiver, self._context.stage, receiver.sender)
        simple = {
            "Subject": _data(self._subject(message, plain)),
            "Body": {"Text": _data(plain_text(plain)), "Html": _data(templates().render(plain))},
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
        }
        found: Mapping[str, Any] = self._client("sesv2", receiver.region).send_email(
            FromEmailAddress=f"{SENDER} <{receiver.sender}>",
            Destination={"ToAddresses": list(receiver.to)},
            Content={"Simple": simple},
        )
        return found

    def _subject(self, message: Message, plain: "PlainMessage") -> str:
        """Return the subject of the first mail about the episode, which may be this one."""
        problem, subject = problem_of(message.notifications), thread_subject(plain)
        if problem is None:
            return subject
        fingerprint, episode = problem
        thread = _thread(self._context.references.find(message.receiver, fingerprint))
        if thread is not None and thread.episode == episode:
            return thread.subject
        saved = msgspec.json.encode(MailThread(episode, subject)).decode()
        self._context.references.save(message.receiver, fingerprint, saved)
        return subject


def _thread(found: str) -> MailThread | None:
    """Read what was stored; None if the receiver was of another type then."""
    try:
        return msgspec.json.decode(found, type=MailThread)
    except msgspec.DecodeError:
        return None


def _data(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": UTF_8}
