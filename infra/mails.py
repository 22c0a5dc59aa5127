"""Mails: what functions may send by the receivers of a routes file, and what in AWS keeps a stage from sending them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.config.compiled import RoutesFile
from chalicelib.domain.routing.receivers import Receiver

EMAIL = "email"
# The statement of those policies whose functions send messages.
SENDING = "ReadWebhooks"
NOT_FOUND = frozenset({"NotFound", "NotFoundException"})

type MakeClient = Callable[[str, str], Any]
"""Returns a client of a service in a region; in the usual one for nothing."""


def with_mails(policy: dict[str, Any], receivers: Mapping[str, Receiver]) -> dict[str, Any]:
    """Return a function's policy, which lets it send the mails of these receivers if it sends messages at all."""
    if not any(each.get("Sid") == SENDING for each in policy["Statement"]):
        return policy
    mails = [each for each in receivers.values() if each.type == EMAIL]
    topics = sorted({each.topic for each in mails if each.topic})
    by_sns = [{"Sid": "PublishMails", "Effect": "Allow", "Action": ["sns:Publish"], "Resource": topics}]
    by_ses = [_sending(number, each) for number, each in enumerate(each for each in mails if each.sender)]
    return policy | {"Statement": [*policy["Statement"], *(by_sns if topics else ()), *by_ses]}


def _sending(number: int, receiver: Receiver) -> dict[str, Any]:
    """Return the statement that lets a function send from one address to some.

    Which identity SES sends by, that of the address or of its domain, and which of the recipients' it wants to see
    while it lets nobody send to others, is its own affair; so is the configuration set that an identity has.
    """
    where = f"arn:${{AWS::Partition}}:ses:{receiver.region or '${AWS::Region}'}:${{AWS::AccountId}}"
    return {
        "Sid": f"SendMails{number}",
        "Effect": "Allow",
        "Action": ["ses:SendEmail"],
        "Resource": [{"Fn::Sub": f"{where}:{each}/*"} for each in ("identity", "configuration-set")],
        "Condition": {
            "StringEquals": {"ses:FromAddress": receiver.sender},
            "ForAllValues:StringEquals": {"ses:Recipients": list(receiver.to)},
        },
    }


def described(receiver: Receiver) -> str:
    """Say by what mails are sent, and to whom."""
    if receiver.topic:
        return f"SNS {receiver.topic}"
    return f"SES from {receiver.sender} to {', '.join(receiver.to)}"


def wrong(client: MakeClient, file: RoutesFile) -> Iterator[str]:
    """Iterate over what keeps mails from being sent, a line each."""
    for each in file.known_receivers.values():
        try:
            if each.type == EMAIL and each.topic:
                yield from _wrong_topic(client("sns", each.topic.split(":")[3]), each.topic)
            elif each.type == EMAIL:
                yield from _wrong_addresses(client("sesv2", each.region), each)
        except (ClientError, BotoCoreError) as error:
            yield f"{described(each)}: cannot be checked: {_code(error) or type(error).__name__}"


def _wrong_topic(sns: Any, topic: str) -> Iterator[str]:
    try:
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    except ClientError as error:
        if _code(error) not in NOT_FOUND:
            raise
        yield f"{topic}: missing; what its receivers are to get fails until it is there"
        return
    if not int(attributes.get("SubscriptionsConfirmed", 0)):
        yield f"{topic}: nobody has subscribed to it and confirmed that"


def _wrong_addresses(ses: Any, receiver: Receiver) -> Iterator[str]:
    account = ses.get_account()
    if not account.get("SendingEnabled"):
        yield f"{described(receiver)}: SES sends nothing for this account and region"
    if not _is_verified(ses, receiver.sender):
        yield f"{receiver.sender}: neither the address nor its domain is verified in SES"
    if account.get("ProductionAccessEnabled"):
        return
    for each in receiver.to:
        if not _is_verified(ses, each):
            yield f"{each}: is not verified, and SES sends to no other address as long as the account is in its sandbox"


def _is_verified(ses: Any, address: str) -> bool:
    """Return whether an address, its domain or one above that is an identity which may send."""
    return any(_may_send(ses, each) for each in (address, *_domains(address)))


def _domains(address: str) -> Sequence[str]:
    labels = address.rpartition("@")[2].split(".")
    return [".".join(labels[at:]) for at in range(len(labels) - 1)]


def _may_send(ses: Any, identity: str) -> bool:
    try:
        return bool(ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"])
    except ClientError as error:
        if _code(error) not in NOT_FOUND:
            raise
        return False


def _code(error: ClientError | BotoCoreError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
