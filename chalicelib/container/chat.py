"""Builds the services behind Slack's buttons and commands."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.container.services import Hub
    from chalicelib.services.notifying.action_links import ActionLinks
    from chalicelib.services.notifying.chat_actions import ChatActions


def build_chat_actions(hub: "Hub") -> "ChatActions":
    """Build what handles requests from Slack."""
    from chalicelib.services.notifying.chat_actions import ChatActions
    from chalicelib.services.notifying.chat_commands import ChatCommands, silencing

    channels = {each.channel: name for name, each in hub.file.known_receivers.items() if each.channel}
    silence = silencing(hub.silences.silence_alert)
    return ChatActions(
        chat=hub.chat,
        alerts=hub.alerts,
        silences=hub.silences,
        outbox=hub.outbox,
        feedback=hub.feedback_store,
        clock=hub.clock,
        receivers=channels,
        covered=hub.silence_preview.of_alert,
        commands=ChatCommands(hub.alerts, hub.notifications, hub.accounts.name, silence),
        wake=hub.wake_sender,
        guests=hub.settings.slack_guests,
        team=hub.settings.slack_team,
    )


def build_action_links(hub: "Hub") -> "ActionLinks":
    """Build what handles links in messages; actions are announced to Slack webhooks, which do not show the state."""
    from chalicelib.domain.routing.receivers import ANY_TYPE
    from chalicelib.services.notifying.action_links import ActionLinks

    named = frozenset(hub.receivers.named)
    return ActionLinks(
        hub.link_signer,
        hub.alerts,
        hub.silences,
        hub.accounts,
        hub.clock,
        hub.outbox,
        lambda receivers: [each for each in receivers if each in named and hub.file.receiver(each).type == ANY_TYPE],
        hub.wake_sender,
    )
