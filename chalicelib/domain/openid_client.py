"""The OpenID client: the hub's registration at a company's OpenID provider, and which groups may do what."""

from collections.abc import Collection

from msgspec import Struct

# In the place of a group: whoever the provider lets in.
EVERYBODY = "*"


class OpenIdClient(Struct, frozen=True, kw_only=True):
    """The hub's registration at a provider; without an issuer there is no provider."""

    issuer: str = ""
    client_id: str = ""
    scope: str = "openid email profile"
    groups_claim: str = "groups"
    name_claim: str = "email"
    read_groups: tuple[str, ...] = ()
    write_groups: tuple[str, ...] = ()

    @property
    def discovery_url(self) -> str:
        """The address of the provider's metadata."""
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"

    def may_read(self, groups: Collection[str]) -> bool:
        """Return whether members of these groups may read; whoever may write may read, too."""
        return _fit(self.read_groups, groups) or self.may_write(groups)

    def may_write(self, groups: Collection[str]) -> bool:
        """Return whether members of these groups may write."""
        return _fit(self.write_groups, groups)


NO_CLIENT = OpenIdClient()


def _fit(allowed: Collection[str], groups: Collection[str]) -> bool:
    return EVERYBODY in allowed or not set(allowed).isdisjoint(groups)
