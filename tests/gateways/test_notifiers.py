"""The registry of notifiers: each receiver is notified in the way of its type."""

import subprocess
import sys
from importlib import import_module

import pytest

from chalicelib.domain.routing.receivers import SECRETS, Receiver
from chalicelib.gateways.notifiers import DRY, TYPES, Notifiers
from chalicelib.services.notifying.ports import Delivered, Message, Rejected
from tests.gateways.notifier_contexts import a_context
from tests.gateways.slack.messages import notifications

CONTEXT = a_context(receiver={"on-call": Receiver(type="pager"), "ops": Receiver()}.__getitem__)
ANOTHER = {"pager": "tests.gateways.another_type"}


def test_a_receiver_is_notified_in_the_way_of_its_type() -> None:
    notifiers = Notifiers(CONTEXT, {**TYPES, **ANOTHER})
    one = notifications(1)

    results = [notifiers.notify(Message(each, one)) for each in ("on-call", "on-call", "ops")]

    assert results[:2] == [Delivered("on-call-1"), Delivered("on-call-2")]
    assert "slack/ops is missing" in str(results[2])


def test_each_type_that_the_routes_file_may_name_ships_and_has_a_secret() -> None:
    assert SECRETS.keys() == TYPES.keys() - {DRY}


@pytest.mark.parametrize("name", TYPES)
def test_each_type_that_ships_can_be_made(name: str) -> None:
    notifier = import_module(TYPES[name]).notifier(CONTEXT)

    assert not isinstance(notifier.notify(Message("ops", notifications(1))), Rejected)


def test_nothing_that_only_a_message_needs_is_imported_before_one_is_due() -> None:
    script = (
        "import sys; import chalicelib.gateways.notifiers, chalicelib.gateways.http; "
        "chalicelib.gateways.http.HttpClient(); "
        "print({'requests', 'urllib3', 'jinja2', 'certifi'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "set()"
