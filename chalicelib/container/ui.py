"""Services that only the pages need, created on first use, and imported by no function without pages."""

from functools import cache, cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.container.services import Hub
    from chalicelib.services.alerting.alert_overview import AlertOverview
    from chalicelib.services.alerting.alert_page_data import AlertPageReader
    from chalicelib.services.operations.hub_health import HubHealth
    from chalicelib.services.operations.sign_in import SignIn
    from chalicelib.services.operations.single_sign_on import SingleSignOn


class UiServices:
    """The services of a hub's pages."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    @cached_property
    def alert_overview(self) -> "AlertOverview":
        """Lists and counts alerts."""
        from chalicelib.services.alerting.alert_overview import AlertOverview

        hub = self._hub
        return AlertOverview(hub.alert_store, hub.alert_index, hub.hourly_counts, hub.policies, hub.clock)

    @cached_property
    def alert_page_reader(self) -> "AlertPageReader":
        """Reads what the page of an alert shows."""
        from chalicelib.services.alerting.alert_page_data import AlertPageReader

        hub = self._hub
        return AlertPageReader(hub.alert_details, hub.event_store, hub.affected_scopes, hub.clock)

    @cached_property
    def hub_health(self) -> "HubHealth":
        """Gathers the state of the hub."""
        from chalicelib.container.sweeping import build_backlogs
        from chalicelib.services.operations.hub_health import HubHealth

        hub = self._hub
        queues = hub.dead_letter_queues if hub.settings.is_deployed else None
        return HubHealth(build_backlogs(hub), hub.event_store, queues, hub.clock, hub.settings.stage)

    @cached_property
    def sign_in(self) -> "SignIn":
        """Opens and ends sessions."""
        from chalicelib.services.operations.sign_in import SignIn
        from chalicelib.services.operations.sign_in_throttle import SignInThrottle
        from chalicelib.services.operations.signed_tokens import TokenSigner

        hub = self._hub
        signer = TokenSigner(hub.secrets.get_secret, hub.settings.stage)
        throttle = SignInThrottle(hub.sign_in_store, hub.clock)
        return SignIn(hub.authenticator, signer, hub.sign_in_store, throttle, hub.clock, hub.settings.openid_client)

    @cached_property
    def single_sign_on(self) -> "SingleSignOn | None":
        """Single sign-on; None where no provider is configured."""
        if not self._hub.settings.openid_client.issuer:
            return None
        from chalicelib.services.operations.single_sign_on import SingleSignOn

        hub = self._hub
        address = f"/monitoring/{hub.settings.stage}/base-url"
        return SingleSignOn(hub.openid_provider, self.sign_in, lambda: hub.secrets.get_secret(address))


@cache
def ui_services(hub: "Hub") -> UiServices:
    """Return the services of a hub's pages, created once."""
    return UiServices(hub)
