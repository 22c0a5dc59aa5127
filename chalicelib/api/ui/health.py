"""Health of the hub: whether it does each minute what it should, who waits, what failed, and how long the way takes."""

from chalicelib import release
from chalicelib.api.ui import replies
from chalicelib.api.ui.visit import Visit

# An ARN's parts: where the API's function is, and so the hub.
REGION, ACCOUNT, PARTS = 3, 4, 7


def show(visit: Visit) -> replies.PageReply:
    """Show how the hub is."""
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
    """Return the account and region of the function that answers; nothing where it runs on no Lambda."""
    parts = str(getattr(visit.request.lambda_context, "invoked_function_arn", "")).split(":")
    return (parts[ACCOUNT], parts[REGION]) if len(parts) >= PARTS else ("", "")
