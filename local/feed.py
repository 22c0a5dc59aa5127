"""The feed: an opening story in which every kind of event has its scene, and then the everyday, until Ctrl-C.

A feed is an iterator that lets something happen at each step, and yields the seconds until the next time.
"""

import random
from collections.abc import Callable, Generator, Iterator
from typing import Any
from uuid import uuid4

from chalicelib.domain.alerts.alert import FLAPS
from local import living_message, samples
from local.aws import ACCOUNTS, BACKUP_REGION, DATA, HUB, PAYMENTS, WEB, Account
from local.samples import (
    CHECKOUT_LATENCY,
    ERROR_RATE,
    INVOICE_ERRORS,
    LOAD_DELAY,
    PACKET_LOSS,
    QUEUE_AGE,
    REPLICA_LAG,
    SEARCH_LATENCY,
    SICK_HOSTS,
    SICK_INSTANCES,
    WAREHOUSE_LOAD,
    Place,
    Sample,
    Threat,
    Watch,
)
from local.workloads import RECORDERS, WORKLOADS
from local.world import World

MINUTE, HOUR, DAY = 60, 3_600, 86_400
PACE = 2.0  # seconds between two scenes of the opening; a channel takes one message a second
STACK = "audit-trail"  # what the copies of the one function belong to
PATIENCE, POLL_SECONDS = 60, 0.5  # looks, and seconds between them, at what takes its time
CALM = (20.0, 40.0)  # seconds between two scenes of the everyday, at least and at most
ISSUE_REGION = "eu-west-1"


def opening(world: World, pace: float = PACE) -> Iterator[float]:
    """Tell the story of a bad half hour, in about as many seconds; after each scene comes a pause of `pace` seconds.

    The silence comes first, as it is in force within seconds only, and the storm comes last: behind its digest the
    channel is left alone for a minute, and nobody should wait for more.
    """
    world.say("The data team will work on its warehouse, and silences that alarm for an hour.")
    world.silence(DATA, WAREHOUSE_LOAD.name, HOUR, "The warehouse gets another node")
    _yesterday(world)
    world.say("Yesterday was quiet: two findings, too mild to announce. An agent is deployed.")
    yield from _deployment(world, pace)
    world.say("A function that three accounts have a copy of times out in all of them: one alert.")
    world.say("The logs of one of them cannot be searched at once: a gap, until a scan fills it.")
    _fail_everywhere(world)
    yield pace
    world.say("The payments API answers with errors, and a deployment of the catalogue fails.")
    fired_at = _measure(world, PAYMENTS, ERROR_RATE, 12.4)
    yield pace
    yield from _failing_deployment(world, pace)
    began = world.now() - 12 * MINUTE
    sick_at = yield from _outage(world, pace, began)
    yield from _threat(world, pace)
    world.say("AWS's issue is over, and the alarm that it explained still fires: it is announced now.")
    _public_issue(world, began, 2)
    world.say("The catalogue is repaired: its next deployment succeeds. So does the next backup.")
    _deploy(world, "UPDATE_COMPLETE")
    _send_custom(world, DATA, "custom.backup", "Backup completed", database="warehouse")
    yield pace
    world.say("The payments API recovers, and a moment later it fails again: a regression.")
    fired_at = yield from _swing(world, pace, fired_at, 2)
    world.say("So it goes on. The fifth change is announced as flapping, once; further ones are not announced.")
    yield from _swing(world, pace, fired_at, FLAPS)
    _measure(world, WEB, SICK_INSTANCES, 0.0, sick_at)
    yield from _until(lambda: world.resolve(STACK, len(RECORDERS), f"the team of {STACK}"))
    world.say("Its team calls that settled. Then its stack is updated, and it comes back with it: a regression.")
    _break_everywhere(world)
    world.say("The warehouse's alarm fires, as expected: it is recorded with the silence's name, and not announced.")
    yield from _maintenance(world, pace)
    yield from living_message.play(world, pace)
    world.say("What does the day look like so far?")
    world.report()
    yield pace
    yield from _until(lambda: world.has_returned(STACK))
    yield from _storm_behind_a_rate_limit(world, pace)


def everyday(world: World, chance: random.Random) -> Iterator[float]:
    """Let something happen now and then, in no particular order, for ever."""
    while True:
        yield chance.uniform(*CALM)
        scene = chance.choice((_blip, _errors, _errors, _rollback, _retirement, _attack, _budget))
        yield from scene(world, chance)


# --- the opening's scenes


def _yesterday(world: World) -> None:
    for account, instance in ((DATA, "i-0f20d8c7b6a594837"), (PAYMENTS, "i-0a15d8c7b6a594837")):
        place = Place(account, account.homes[0], world.now() - DAY)
        _happen(world, place, samples.finding(place, samples.BRUTE_FORCE, instance))


def _deployment(world: World, pace: float) -> Iterator[float]:
    """Deploy an agent, and give the scans something to find."""
    place = _here(world, WEB)
    _happen(world, place, samples.stack(place, f"StackSet-monitoring-agent-{uuid4()}", "CREATE_COMPLETE"))
    for workload, count in zip(WORKLOADS, (4, 2, 3, 2), strict=True):
        world.fail(workload, count)
    yield pace


def _fail_everywhere(world: World) -> None:
    """Let one function fail in three accounts, in the last of them while its logs cannot be searched."""
    for workload in RECORDERS:
        world.fail(workload, 1)
    world.lose_a_query(RECORDERS[-1].account)


def _break_everywhere(world: World) -> None:
    """Deploy the function to its accounts again, with the fault that it had."""
    for workload in RECORDERS:
        place = Place(workload.account, workload.region, world.now())
        _happen(world, place, samples.stack(place, STACK, "UPDATE_COMPLETE"))
        world.fail(workload, 1)


def _until(happens: Callable[[], bool]) -> Iterator[float]:
    """Wait for what the scans and the hub need some seconds for, but not for ever."""
    for _ in range(PATIENCE):
        if happens():
            return
        yield POLL_SECONDS


def _failing_deployment(world: World, pace: float) -> Iterator[float]:
    for status, reason in (
        ("UPDATE_IN_PROGRESS", "User Initiated"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [SearchFunction]."),
        ("UPDATE_ROLLBACK_COMPLETE", ""),
    ):
        _deploy(world, status, reason)
        yield pace


def _storm_behind_a_rate_limit(world: World, pace: float) -> Iterator[float]:
    world.say("The network between the accounts fails: eight alarms at once, while Slack refuses messages.")
    world.crowd_slack(crowded=True)
    _storm(world)
    yield pace
    world.say("Slack takes messages again, and gets one digest. Whatever happens now follows within a minute.")
    world.crowd_slack(crowded=False)


def _outage(world: World, pace: float, began: int) -> Generator[float, None, int]:
    """Let AWS have an issue that explains an alarm, and plan something; returns when the alarm fired."""
    world.say("AWS has an issue in Ireland: each account gets its copy, and one more in the backup region.")
    _public_issue(world, began, 0)
    yield pace
    world.say("It explains an alarm of the same service: held back. Then AWS has more to say: an update.")
    sick_at = _measure(world, WEB, SICK_INSTANCES, 2.0)
    yield pace / 2
    _public_issue(world, began, 1)
    world.say("AWS will retire a machine in ten days: announced now, and again before it is due.")
    place = _here(world, PAYMENTS)
    _happen(world, place, samples.retirement(place, "i-0d5f1e2d3b5a69788"))
    yield pace / 2
    return sick_at


def _public_issue(world: World, began: int, number: int) -> None:
    for account in ACCOUNTS:
        for region in (ISSUE_REGION, BACKUP_REGION):
            place = Place(account, region, world.now())
            _happen(world, place, samples.public_health(ISSUE_REGION, began, number, place))


def _threat(world: World, pace: float) -> Iterator[float]:
    world.say("A machine in the data account talks to somebody it should not know, and a backup fails.")
    _find(world, DATA, samples.MINING, "i-0c4f1e2d3b5a69788")
    yield pace
    _send_custom(world, DATA, "custom.backup", "Backup failed", database="warehouse", error="snapshot quota reached")
    yield pace


def _maintenance(world: World, pace: float) -> Iterator[float]:
    fired_at = _measure(world, DATA, WAREHOUSE_LOAD, 97.0)
    yield pace
    _measure(world, DATA, WAREHOUSE_LOAD, 41.0, fired_at)
    yield pace


def _swing(world: World, pace: float, fired_at: int, turns: int) -> Generator[float, None, int]:
    """Let an alarm that has fired end, fire again, and so on; returns when it last did."""
    for turn in range(turns):
        fired_at = _measure(world, PAYMENTS, ERROR_RATE, 9.7 if turn % 2 else 0.3, fired_at)
        yield pace / 2
    return fired_at


def _storm(world: World) -> None:
    """Let more alarms fire at once than are announced one by one."""
    for account in (PAYMENTS, WEB, DATA):
        _measure(world, account, PACKET_LOSS, 4_200.0)
    for account, watch, value in (
        (PAYMENTS, CHECKOUT_LATENCY, 2_900.0),
        (PAYMENTS, INVOICE_ERRORS, 61.0),
        (WEB, SEARCH_LATENCY, 3_100.0),
        (WEB, SICK_HOSTS, 4.0),
        (DATA, LOAD_DELAY, 1_900.0),
    ):
        _measure(world, account, watch, value)


# --- the everyday's scenes


def _blip(world: World, chance: random.Random) -> Iterator[float]:
    account, watch = chance.choice(((PAYMENTS, QUEUE_AGE), (DATA, REPLICA_LAG)))
    fired_at = _measure(world, account, watch, round(watch.threshold * chance.uniform(1.2, 3.0), 1))
    yield chance.uniform(*CALM)
    _measure(world, account, watch, round(watch.threshold * 0.4, 1), fired_at)


def _errors(world: World, chance: random.Random) -> Iterator[float]:
    world.fail(chance.choice(WORKLOADS), chance.randint(1, 4))
    yield 0.0


def _rollback(world: World, chance: random.Random) -> Iterator[float]:
    name = chance.choice(("checkout-frontend", "catalogue-search", "image-cache"))
    place = _here(world, WEB)
    _happen(world, place, samples.stack(place, name, chance.choice(("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"))))
    yield 0.0


def _retirement(world: World, chance: random.Random) -> Iterator[float]:
    place = _here(world, chance.choice((PAYMENTS, DATA)))
    _happen(world, place, samples.retirement(place, _instance(chance)))
    yield 0.0


def _attack(world: World, chance: random.Random) -> Iterator[float]:
    _find(world, DATA, chance.choice((samples.BRUTE_FORCE, samples.MINING)), _instance(chance))
    yield 0.0


def _budget(world: World, chance: random.Random) -> Iterator[float]:
    _send_custom(world, HUB, "custom.budget", "Budget exceeded", team="search", percent_spent=chance.randint(101, 130))
    yield 0.0


# --- what scenes are made of


def _measure(world: World, account: Account, watch: Watch, value: float, before: int = 0) -> int:
    """Let an alarm's metric take a value that turns the alarm; returns when, in a later second than `before`."""
    place = Place(account, account.homes[0], max(world.now(), before + 1))
    _happen(world, place, samples.alarm(place, watch, value, before))
    return place.now


def _deploy(world: World, status: str, reason: str = "") -> None:
    place = _here(world, WEB)
    _happen(world, place, samples.stack(place, "catalogue-search", status, reason))


def _find(world: World, account: Account, threat: Threat, instance: str) -> None:
    place = _here(world, account)
    _happen(world, place, samples.finding(place, threat, instance))


def _send_custom(world: World, account: Account, source: str, detail_type: str, **detail: Any) -> None:
    place = _here(world, account)
    _happen(world, place, samples.custom(place, source, detail_type, **detail))


def _happen(world: World, place: Place, sample: Sample) -> None:
    world.put(place.account, place.region, sample)


def _here(world: World, account: Account) -> Place:
    return Place(account, account.homes[0], world.now())


def _instance(chance: random.Random) -> str:
    return f"i-0{chance.getrandbits(64):016x}"
