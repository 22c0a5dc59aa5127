"""A look-alike of Slack, its webhooks and its Web API: takes what Slack takes, refuses what it refuses, and draws it.

limits     the published limits, as constants
blockkit   a payload as typed blocks, or the word Slack refuses it with
mrkdwn     Slack's markup to HTML, with emoji and dates
render     blocks to HTML
workspace  channels, messages, refusals, simulated outages; pace is its rate limit
conversations, views  the methods of the Web API; living and modal draw what they make
interactivity         presses buttons, submits modals and types commands
server     all of it over HTTP, with the page that shows it
"""

from local.slack.pace import RateLimit
from local.slack.server import SlackLookalike
from local.slack.workspace import Message, Refusal

__all__ = ["Message", "RateLimit", "Refusal", "SlackLookalike"]
