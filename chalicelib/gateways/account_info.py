"""The account: its id, and the name that its owners gave it."""

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)


def id_of(client: Any) -> str:
    """Return the id of the account that the credentials belong to; `client` is boto3's for `sts`."""
    account: str = client.get_caller_identity()["Account"]
    return account


def name_of(client: Any) -> str:
    """Return the account's own name, or an empty string where it may not be read; `client` is boto3's for `account`.

    Lambda's botocore may be older than the operation: a missing name must not stop a scan.
    """
    try:
        name: str = client.get_account_information().get("AccountName", "")
    except (BotoCoreError, ClientError, AttributeError) as error:
        log.warning("Own account name not readable", extra={"error": type(error).__name__})
        return ""
    return name
