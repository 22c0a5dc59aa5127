"""Inhibitions: alerts that are not announced, as another alert that people know of explains them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.accounts import Accounts, nameless
from chalicelib.domain.alerts.alert import Alert, Status
from chalicelib.domain.alerts.inhibited import Inhibited
from chalicelib.domain.events.event import CHILD, Severity
from chalicelib.domain.events.labels import is_label
from chalicelib.domain.routing.matchers import Field, MatchContext, Matcher, match_all
from chalicelib.domain.timestamps import DAY

# Seconds after which an alert inhibits nothing more: what still fires then is a problem of its own.
LASTS = DAY
# Inhibiting alerts at a time; they are read again every few seconds.
MOST_SOURCES = 100
# An alert for all accounts, such as a public event of AWS Health, is in each account.
EVERY_ACCOUNT = "*"
TAG = f"{Field.TAG}."
FIELDS = (Field.ACCOUNT, Field.REGION, Field.KIND, Field.SOURCE, Field.RESOURCE)
# The AWS service, by its names in AWS Health, in the hub's own scanner, and in namespaces of metrics.
SERVICE = "service"
NAMED, NAMESPACE = "detail.service", "detail.configuration.metrics.metricStat.metric.namespace"
OF_AWS = "aws/"
LOAD_BALANCERS = dict.fromkeys(("elb", "applicationelb", "networkelb", "gatewayelb"), "elasticloadbalancing")


class InhibitRule(Struct, frozen=True, kw_only=True):
    """Lets an alert that matches `source` inhibit those that match `target` and are equal to it in `equal`.

    `equal` names fields, the AWS service, labels, or tags of the account, such as `tag.team`; a missing value equals
    nothing. With `children`, the source must also name the target as one of its children. CRITICAL alerts are inhibited
    only with `critical`.
    """

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()
    children: bool = False
    critical: bool = False

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """The matchers of both sides."""
        return (*self.source, *self.target)

    @property
    def labels(self) -> frozenset[str]:
        """The names of the labels that are compared."""
        services = {NAMED, NAMESPACE} if SERVICE in self.equal else set[str]()
        return frozenset(services | set(filter(is_label, self.equal)))

    def may_hold_back(self, target: Alert, accounts: Accounts) -> bool:
        """Return whether an alert may be a target."""
        if target.severity is Severity.CRITICAL and not self.critical:
            return False
        return match_all(self.target, MatchContext(target, accounts=accounts))

    def explains(self, source: Alert, target: Alert, accounts: Accounts) -> bool:
        """Return whether a source inhibits a target."""
        if source.fingerprint == target.fingerprint:
            return False
        if self.children and target.fingerprint[:CHILD] not in source.children:
            return False
        equal = all(_are_equal(name, source, target, accounts) for name in self.equal)
        return equal and match_all(self.source, MatchContext(source, accounts=accounts))


class Inhibitions(Struct, frozen=True, kw_only=True):
    """The rules, and the alerts that may inhibit others, as last read."""

    rules: tuple[InhibitRule, ...] = ()
    sources: tuple[Alert, ...] = ()
    accounts: Accounts = nameless

    def knowing(self, alerts: Iterable[Alert], now: int) -> Self:
        """Return them with the current state of these alerts."""
        known = {each.fingerprint: each for each in (*self.sources, *alerts)}
        return replace(self, sources=tuple(each for each in known.values() if self.is_source(each, now)))

    def is_source(self, alert: Alert, now: int) -> bool:
        """Return whether an alert goes on, and some rule lets it inhibit others."""
        return alert.status is not Status.RESOLVED and now < alert.since + LASTS and self.concerns(alert)

    def concerns(self, alert: Alert) -> bool:
        """Return whether some rule lets an alert inhibit others while it goes on."""
        context = MatchContext(alert, accounts=self.accounts)
        return bool([rule for rule in self.rules if match_all(rule.source, context)])

    def may_explain(self, source: Alert, target: Alert) -> bool:
        """Return whether some rule lets one alert inhibit another, whatever their states."""
        return any(
            rule.may_hold_back(target, self.accounts) and rule.explains(source, target, self.accounts)
            for rule in self.rules
        )

    def inhibited(self, target: Alert, now: int, is_silenced: Callable[[Alert], bool]) -> Inhibited | None:
        """Return what inhibits an alert; preferably what inhibited it before."""
        found = list(self._holding(target, now, is_silenced))
        before = target.inhibited
        stays = before is not None and (before.rule, before.by) in {(each.rule, each.by) for each in found}
        return before if stays else next(iter(found), None)

    def _holding(self, target: Alert, now: int, is_silenced: Callable[[Alert], bool]) -> Iterator[Inhibited]:
        for rule in self.rules:
            if rule.may_hold_back(target, self.accounts):
                for source in self.sources:
                    explains = rule.explains(source, target, self.accounts)
                    if explains and self._is_in_force(source, target, now, is_silenced):
                        yield Inhibited(rule=rule.name, by=source.fingerprint, at=now)

    def _is_in_force(self, source: Alert, target: Alert, now: int, is_silenced: Callable[[Alert], bool]) -> bool:
        """Return whether people know of a source, or of what explains it.

        Of two that explain each other, one is inhibited.
        """
        chain = list(self._chain(source))
        if any(link.inhibited is not None and link.inhibited.by == target.fingerprint for link in chain):
            return False
        open_ones = [link for link in chain if link.status is not Status.RESOLVED and now < link.since + LASTS]
        heard_of = [link for link in open_ones if not is_silenced(link)]
        return source in heard_of and any(_is_announced(link) for link in heard_of)

    def _chain(self, source: Alert) -> Iterator[Alert]:
        """Iterate over a source, what inhibits it, what inhibits that, and so on; each once."""
        by_fingerprint = {each.fingerprint: each for each in self.sources}
        link: Alert | None = source
        while link is not None:
            yield link
            by_fingerprint.pop(link.fingerprint, None)
            link = by_fingerprint.get(link.inhibited.by) if link.inhibited else None


NO_INHIBITIONS = Inhibitions()


def _is_announced(alert: Alert) -> bool:
    last = alert.announcement
    return last is not None and not last.over and last.episodes == alert.episodes


def _are_equal(name: str, source: Alert, target: Alert, accounts: Accounts) -> bool:
    if name == Field.ACCOUNT and source.account == EVERY_ACCOUNT:
        return True
    return not _values(name, source, accounts).isdisjoint(_values(name, target, accounts))


def _values(name: str, alert: Alert, accounts: Accounts) -> set[str]:
    if name in FIELDS:
        return {getattr(alert, name)} - {""}
    if name == SERVICE:
        return set(map(_service, _services(alert)))
    if name.startswith(TAG):
        return {accounts(alert.account).tags.get(name.removeprefix(TAG), "")} - {""}
    return set(alert.labels.get(name, ()))


def _services(alert: Alert) -> Iterator[str]:
    yield from map(str.casefold, alert.labels.get(NAMED, ()))
    namespaces = map(str.casefold, alert.labels.get(NAMESPACE, ()))
    yield from (each.removeprefix(OF_AWS) for each in namespaces if each.startswith(OF_AWS))


def _service(named: str) -> str:
    return LOAD_BALANCERS.get(named, named)
