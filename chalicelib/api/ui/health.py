"""Health of the hub: whether sweeps run, which notifications wait, what failed, and how long canaries take."""

from chalicelib import release
from chalicelib.api.ui import replies
from chalicelib.api.ui.visit import Visit

# The parts of an ARN with the account and region of the API's function, and so the hub's.
REGION, ACCOUNT, PARTS = 3, 4, 7


def show(visit: Visit) -> replies.PageReply:
    """Show the health of the hub."""
    account, region = _place(visit)
    state = visit.services.hub_health(account, region)
    values = {
        "state": state,
        "is_swept": state.is_swept(visit.now),
        "is_recent": state.is_recent(visit.now),
        "is_deployed": visit.hub.settings.is_deployed,
        "version": release.VERSION,
        "commit": release.commit(),
    }
    return replies.PageReply("health", values)


def _place(visit: Visit) -> tuple[str, str]:
    """Return the account and region of this function; empty outside Lambda."""
    parts = str(getattr(visit.request.lambda_context, "invoked_function_arn", "")).split(":")
    return (parts[ACCOUNT], parts[REGION]) if len(parts) >= PARTS else ("", "")
