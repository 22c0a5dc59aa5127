"""Mails of a stage: what functions may send, and what keeps them from it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.config.compiled import Defaults, RoutesFile
from chalicelib.config.routes import read
from chalicelib.domain.events.event import Severity
from chalicelib.domain.routing.receivers import Receiver
from infra.mails import described, with_mails, wrong

SENDER = {"Version": "2012-10-17", "Statement": [{"Sid": "ReadWebhooks", "Action": ["ssm:GetParameters"]}]}
OTHER = {"Version": "2012-10-17", "Statement": [{"Sid": "WriteOwnLog", "Action": ["logs:PutLogEvents"]}]}
TOPIC = "arn:aws:sns:eu-west-1:111122223333:ops"
BY_SNS = Receiver(type="email", topic=TOPIC)
BY_SES = Receiver(type="email", sender="hub@mail.example.com", to=("ops@example.com",), region="eu-west-1")


def test_a_sender_may_send_the_mails_of_the_file_and_no_others() -> None:
    statements = with_mails(SENDER, {"a": BY_SNS, "b": BY_SES, "c": Receiver()})["Statement"]

    assert statements[0] == SENDER["Statement"][0]
    assert statements[1] == {"Sid": "PublishMails", "Effect": "Allow", "Action": ["sns:Publish"], "Resource": [TOPIC]}
    assert statements[2]["Action"] == ["ses:SendEmail"]
    assert statements[2]["Condition"] == {
        "StringEquals": {"ses:FromAddress": "hub@mail.example.com"},
        "ForAllValues:StringEquals": {"ses:Recipients": ["ops@example.com"]},
    }
    assert "arn:${AWS::Partition}:ses:eu-west-1:" in str(statements[2]["Resource"])


def test_without_mails_and_without_messages_nothing_is_added() -> None:
    assert with_mails(SENDER, {"c": Receiver()}) == SENDER
    assert with_mails(OTHER, {"a": BY_SNS, "b": BY_SES}) == OTHER


def test_a_receiver_is_described_by_what_sends_its_mails() -> None:
    assert described(BY_SNS) == f"SNS {TOPIC}"
    assert described(BY_SES) == "SES from hub@mail.example.com to ops@example.com"


class Aws:
    """SNS and SES as far as they are asked what is there."""

    def __init__(self, confirmed: int = 1, *verified: str, production: bool = True, sending: bool = True) -> None:
        self.confirmed, self.verified, self.production, self.sending = confirmed, verified, production, sending
        self.refusal = ""

    def client(self, service: str, region: str) -> Any:
        """Return both."""
        assert (service, region) in {("sns", "eu-west-1"), ("sesv2", "eu-west-1")}
        return self

    def get_topic_attributes(self, **_: str) -> Any:
        """Describe a topic, if there is one."""
        self._refuse("NotFound" if self.confirmed < 0 else "")
        return {"Attributes": {"SubscriptionsConfirmed": str(self.confirmed)}}

    def get_account(self) -> Any:
        """Describe what SES lets the account do."""
        self._refuse("")
        return {"SendingEnabled": self.sending, "ProductionAccessEnabled": self.production}

    def get_email_identity(self, **request: str) -> Any:
        """Describe an identity, if there is one."""
        self._refuse("" if request["EmailIdentity"] in self.verified else "NotFoundException")
        return {"VerifiedForSendingStatus": True}

    def _refuse(self, code: str) -> None:
        if self.refusal or code:
            raise ClientError({"Error": {"Code": self.refusal or code, "Message": ""}}, "Get")


def a_file() -> RoutesFile:
    """Return a routes file with both ways of sending mails."""
    text = f"""
        [default]
        receivers = ["a", "b"]
        [receivers.a]
        type = "email"
        topic = "{TOPIC}"
        [receivers.b]
        type = "email"
        from = "hub@mail.example.com"
        to = "ops@example.com"
        region = "eu-west-1"
    """
    return read(text, "routes.toml", Defaults(Severity.MEDIUM, 3_600))


@pytest.mark.parametrize(
    ("aws", "lines"),
    [
        (Aws(1, "hub@mail.example.com"), []),
        (Aws(1, "example.com"), []),
        (Aws(1, "mail.example.com", "ops@example.com", production=False), []),
        (Aws(0, "example.com"), [f"{TOPIC}: nobody has subscribed to it and confirmed that"]),
        (
            Aws(-1, "example.com"),
            [f"{TOPIC}: missing; what its receivers are to get fails until it is there"],
        ),
        (Aws(1), ["hub@mail.example.com: neither the address nor its domain is verified in SES"]),
        (
            Aws(1, "mail.example.com", production=False),
            ["ops@example.com: is not verified, and SES sends to no other address"],
        ),
        (Aws(1, "example.com", sending=False), ["SES from hub@mail.example.com to ops@example.com: SES sends nothing"]),
    ],
)
def test_what_keeps_mails_from_being_sent_is_a_line(aws: Aws, lines: list[str]) -> None:
    found = list(wrong(aws.client, a_file()))

    assert len(found) == len(lines)
    assert all(line.startswith(start) for line, start in zip(found, lines, strict=True))


def test_what_may_not_be_read_is_said_so() -> None:
    aws = Aws()
    aws.refusal = "AccessDenied"

    assert list(wrong(aws.client, a_file())) == [
        f"SNS {TOPIC}: cannot be checked: AccessDenied",
        "SES from hub@mail.example.com to ops@example.com: cannot be checked: AccessDenied",
    ]
