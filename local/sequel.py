"""The sequel: one error in three accounts, its return with a deployment, and log time that is missed and filled in."""

from collections.abc import Iterator

from local import samples
from local.aws import WEB
from local.feed import World
from local.samples import Place
from local.workloads import RECORDERS

# A window of ten seconds has been scanned, and told of, after so many seconds at the latest.
SCANNED = 24.0
STACK = "audit-trail"


def sequel(world: World) -> Iterator[float]:
    """Tell it in about two minutes; what was written into a log is told when a scan has found it."""
    world.say("A function that each account has a copy of times out in three of them: one alert, which says where.")
    for _ in range(4):
        for recorder in RECORDERS:
            world.fail(recorder, 1)
        yield SCANNED / 2
    world.say("Its team calls that settled. Then the stack is updated, and the error comes back with it.")
    world.settle(STACK, f"the team of {STACK}")
    yield SCANNED / 2
    _update(world)
    yield SCANNED / 4
    for recorder in RECORDERS:
        world.fail(recorder, 2)
    yield SCANNED
    world.say(
        f"Logs Insights fails in {WEB.name} for a while: nobody knows what stands in its logs, and the report says so."
    )
    world.break_queries(WEB, broken=True)
    yield SCANNED
    world.report()
    yield SCANNED / 4
    world.say("It answers again: the next scans fill the gap, and the report is content.")
    world.break_queries(WEB, broken=False)
    yield SCANNED
    world.report()


def _update(world: World) -> None:
    for recorder in RECORDERS:
        place = Place(recorder.account, recorder.region, world.now())
        world.put(place.account, place.region, samples.stack(place, STACK, "UPDATE_COMPLETE"))
