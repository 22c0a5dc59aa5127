"""Clients: AWS's and HTTP clients of a hub, each created on first use."""

from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.session import Session

    from chalicelib.gateways.dynamodb import DynamoTable
    from chalicelib.gateways.http import HttpClient
    from chalicelib.settings import HubSettings

MAKING = RLock()


class HubClients:
    """The clients of one hub."""

    def __init__(self, settings: "HubSettings") -> None:
        self.settings = settings

    @cached_property
    def _http(self) -> "HttpClient":
        from chalicelib.gateways.http import HttpClient

        return HttpClient(self.settings.https_proxy, self.settings.no_proxy, self.settings.ca_bundle)

    @cached_property
    def ssm(self) -> Any:
        """The client of SSM."""
        return self._client("ssm")

    def _client(self, service: str, *, checks: bool = True) -> Any:
        from chalicelib.gateways import aws_clients

        config = aws_clients.CONFIG if checks else aws_clients.UNCHECKED
        with MAKING:  # sessions take no two threads at once
            return self._session.create_client(service, config=config)

    def _sending_client(self, service: str, region: str) -> Any:
        from chalicelib.gateways import aws_clients

        with MAKING:
            return self._session.create_client(service, region_name=region or None, config=aws_clients.SENDING)

    @cached_property
    def _session(self) -> "Session":
        from chalicelib.gateways import aws_clients

        return aws_clients.session()

    @cached_property
    def _table(self) -> "DynamoTable":
        from chalicelib.gateways import dynamodb

        client: Any = self._session.create_client("dynamodb", config=dynamodb.CONFIG)
        return dynamodb.DynamoTable(client, self.settings.table_name)
