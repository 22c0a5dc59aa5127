"""Alert filters: the state of the list of alerts, read from its address.

Invalid parts are ignored, and shown as such.
"""

from collections.abc import Iterator
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.api.ui import labels
from chalicelib.api.ui.visit import Visit
from chalicelib.domain.errors import Invalid
from chalicelib.domain.events.event import Severity
from chalicelib.domain.text import clean
from chalicelib.services.agents.account_names import AccountDirectory
from chalicelib.services.alerting.alert_overview import Order, OverviewQuery, Tab

PAGE_SIZE = 50
LONGEST_VALUE = 128
TEAM = "team"
ACCOUNT_ID = 12
# Parameters with free text.
TEXTS = ("text", "kind", "account", "region", "team", "receiver")
NAMES = {
    "text": "text",
    "severity": "severity",
    "kind": "kind",
    "account": "account",
    "region": "region",
    "team": "team",
    "receiver": "notified",
}


class Chip(NamedTuple):
    """An active filter: its name, its value in words, and the address without it."""

    name: str
    value: str
    without: str


class AlertFilters(Struct, frozen=True, kw_only=True):
    """The state of the list; `ignored` are invalid parameters."""

    tab: Tab = Tab.FIRING
    order: Order = Order.SINCE
    text: str = ""
    severities: tuple[Severity, ...] = ()
    kind: str = ""
    account: str = ""
    region: str = ""
    team: str = ""
    receiver: str = ""
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, visit: Visit) -> Self:
        """Read the state from an address."""
        tab, order, named = visit.param("tab"), visit.param("sort"), visit.query.get("severity", [])[:5]
        severities = tuple(dict.fromkeys(Severity[each] for each in named if each in Severity.__members__))
        wrong = [
            *(["tab"] if tab and tab not in set(Tab) else []),
            *(["sort"] if order and order not in set(Order) else []),
            *(["severity"] if any(each not in Severity.__members__ for each in named if each) else []),
        ]
        return cls(
            tab=Tab(tab) if tab in set(Tab) else Tab.FIRING,
            order=Order(order) if order in set(Order) else Order.SINCE,
            severities=tuple(sorted(severities, reverse=True)),
            ignored=tuple(wrong),
            **{name: clean(visit.param(name), LONGEST_VALUE) for name in TEXTS},
        )

    def query(self, accounts: AccountDirectory, cursor: str) -> OverviewQuery:
        """Return the query, from the cursor on; a cursor of other filters leads to the first page."""
        query = OverviewQuery(
            text=self.text,
            severities=self.severities,
            kind=self.kind,
            region=self.region,
            receiver=self.receiver,
            accounts=self._accounts(accounts),
            named=accounts.called(self.text) if self.text else frozenset(),
            limit=PAGE_SIZE,
        )
        try:
            return query.at(cursor)
        except Invalid:
            return query

    @property
    def are_set(self) -> bool:
        """Whether any filter is active."""
        return bool(self.severities) or any(getattr(self, name) for name in TEXTS)

    def chips(self, visit: Visit) -> Iterator[Chip]:
        """Iterate over the active filters."""
        for name in TEXTS:
            if value := getattr(self, name):
                shown = labels.kind(value) if name == "kind" else value
                yield Chip(NAMES[name], shown, replace(self, **{name: ""}).address(visit))
        for severity in self.severities:
            others = tuple(each for each in self.severities if each is not severity)
            yield Chip(NAMES["severity"], severity.name.lower(), replace(self, severities=others).address(visit))

    def address(self, visit: Visit, **more: str) -> str:
        """Return the relative address of the list in this state."""
        return visit.to(**self.parameters(), **more) + "".join(
            f"{'&' if number or self.parameters() or more else '?'}severity={each.name}"
            for number, each in enumerate(self.severities)
        )

    def parameters(self) -> dict[str, str]:
        """Return the address's parameters with a single value; defaults are left out."""
        texts = {name: getattr(self, name) for name in TEXTS if getattr(self, name)}
        tab = {} if self.tab is Tab.FIRING else {"tab": self.tab.value}
        return tab | ({} if self.order is Order.SINCE else {"sort": self.order.value}) | texts

    def in_tab(self, tab: Tab) -> Self:
        """Return the same state in another tab."""
        return replace(self, tab=tab)

    def by(self, order: Order) -> Self:
        """Return the same state in another order."""
        return replace(self, order=order)

    def cleared(self) -> Self:
        """Return the same state without filters."""
        return type(self)(tab=self.tab, order=self.order)

    def _accounts(self, accounts: AccountDirectory) -> frozenset[str] | None:
        """Return the accounts that match the id or name, and the team; None: all."""
        found: frozenset[str] | None = None
        if self.account:
            is_id = len(self.account) == ACCOUNT_ID and self.account.isdecimal()
            found = frozenset((self.account,)) if is_id else accounts.called(self.account)
        if self.team:
            of_team = accounts.tagged(TEAM, self.team)
            found = of_team if found is None else found & of_team
        return found
