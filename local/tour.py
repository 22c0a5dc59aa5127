"""A tour of the catalogue: AWS's services fail in ten ways, one after the other, and so does a job of a team's own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.aws import DATA, PAYMENTS, WEB
from local.feed import PACE
from local.samples import Place, Sample
from local.world import World

STOPS = Path(__file__).with_name("tour.json")


def around_aws(world: World, pace: float = PACE) -> Iterator[float]:
    """Let each fail in the account whose turn it is; after each comes a pause of `pace` seconds."""
    stops = json.loads(STOPS.read_text("utf-8"))
    world.say("First a tour: ten more problems of AWS's services, and one of a job that sources.toml declares.")
    for number, stop in enumerate(stops):
        account = (PAYMENTS, WEB, DATA)[number % 3]
        place = Place(account, account.homes[0], world.now())
        world.put(account, place.region, _moved(stop, place))
        yield pace


def _moved(stop: dict[str, Any], place: Place) -> Sample:
    """Let an event happen at a place, whose account and region its ARNs name."""
    text = json.dumps(stop).replace("ACCOUNT", place.account.id).replace("REGION", place.region)
    moved = json.loads(text)
    return Sample(
        source=moved["source"],
        detail_type=moved["detail-type"],
        detail=moved["detail"],
        at=place.now,
        resources=tuple(moved["resources"]),
    )
