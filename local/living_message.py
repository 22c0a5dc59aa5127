"""A living message in the demo: one problem in Slack spreads, gets worse, is acknowledged and resolved."""

from collections.abc import Iterator

from chalicelib.domain.notifications.chat_requests import ChatAction
from local import samples
from local.aws import DATA, PAYMENTS, WEB
from local.samples import Place
from local.world import World

# What fails, in three accounts; the first event of the worst comes last.
FUNCTION = "ledger-writer"
STEPS = ((PAYMENTS, "error"), (WEB, "error"), (DATA, "error"), (PAYMENTS, "critical"))
PATIENCE, POLL_SECONDS = 40, 0.5


def play(world: World, pace: float) -> Iterator[float]:
    """Let it happen, and press the buttons of its message in the channel of the Slack app."""
    world.say("An error spreads to two more accounts and gets worse: one message of the channel living follows it.")
    for account, level in STEPS:
        place = Place(account, account.homes[0], world.now())
        world.put(account, place.region, samples.logged_error(place, FUNCTION, level))
        yield pace
    world.say("Somebody presses Acknowledge in Slack, and Resolve a little later.")
    for action, then in ((ChatAction.ACKNOWLEDGE, ChatAction.ASSIGN), (ChatAction.RESOLVE, ChatAction.REOPEN)):
        yield from _until_offered(world, action)
        world.press(FUNCTION, action)
        yield from _until_offered(world, then)


def _until_offered(world: World, action: str) -> Iterator[float]:
    """Wait until the message has a button, as it is updated within seconds; but not for ever."""
    for _ in range(PATIENCE):
        if world.offers(FUNCTION, action):
            return
        yield POLL_SECONDS
