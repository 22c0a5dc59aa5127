"""The store: one DynamoDB table for events, alerts, notifications, leases, agents and silences.

What lies where; infra/hub.yaml defines the table and its indexes::

    item          pk                  sk                   also in
    event         EVENTS#<shard>      <epoch>-<digest>     by_account, by_fingerprint; work while unfolded
    content       CONTENT#<event>     CONTENT              its event's item, where both fit one kB
    alert         ALERT#<fp>          ALERT                by_status; work while it will need tending
    notification  NOTIFICATION#<id>   NOTIFICATION         work, by its status
    lease         RECEIVER#<name>     LEASE
    receiver      RECEIVERS           its name
    agent         AGENTS              <account>-<region>
    silence       SILENCES            its id               work, by its end

Who asks for what::

    Ledger.alert           one item, consistent
    Ledger.record          put of content that lies apart; transaction: event if absent, alert, notifications
    Ledger.keep_unfolded   put if absent, into work UNMERGED#<shard>
    Ledger.fold            transaction: up to 40 events out of work, alert at its version, notifications
    Archive.find           one item, consistent; another for its content where that lies apart
    Archive.page           by_account, by_fingerprint, or 4 shards merged by id; at most 1,000 items examined
    Archive.between        4 shards merged by id, without content
    Archive.unfolded       work UNMERGED#<shard>, merged by id; then the items, consistent
    Alerts.find            one item, consistent
    Alerts.page            by_status, 1 or 3 merged by the beginning of the episode; then the items, consistent
    Alerts.due             work DUE, up to now; then the items, consistent
    Notifications.find     one item, consistent
    Notifications.page     work <status>#<receiver>, merged by when they were owed; then the items, consistent
    Notifications.owe_again  transaction: a notification at its status, what its event says of it
    Outbox.pending         work PENDING#<receiver>, oldest first; then the items, consistent
    Outbox.owe             put if absent
    Outbox.settle          transactions: notifications if pending, what their events say of them
    Outbox.count           work PENDING#<receiver> or FAILED#<receiver>, at most 1,000
    Leases.acquire         update if the receiver may be sent to
    Leases.release         update if the holder is still the same
    Roster.names           RECEIVERS
    Roster.add             put
    Agents.find, .delete   one item
    Agents.save            put at its revision
    Agents.page, .name     AGENTS, a span of ids
    Silences.find          one item, consistent
    Silences.save          put at its revision
    Silences.standing, .page  work SILENCES, a span of ends; then the items, consistent

What an event costs, in write units (each begun kB is one; a transaction bills its items twice, an index once): its item
is 2, its content 1 for each kB where the two do not fit one kB together, its alert 2, its place in two indexes 2. So 6
for an event of about 1 kB, 7 for one of 2 kB. A problem's first is 2 more: its alert enters `by_status` and `work`,
where it stays until its status changes or it was tended. To owe a notification is 3 more; to settle it is 2 for the
notification, 2 to move it within `work`, and 4 for the event with its 2 places.
tests/gateways/dynamodb/test_write_units.py computes this.

Nothing here is written by every event; so there is no item at which all wait for each other. The partitions of
`by_status` and of what is due are entered once an episode, not once an event.
"""

from botocore.config import Config

from chalicelib.gateways.dynamodb.agents import Agents
from chalicelib.gateways.dynamodb.alerts import Alerts
from chalicelib.gateways.dynamodb.event_store import Archive
from chalicelib.gateways.dynamodb.ledger import Ledger
from chalicelib.gateways.dynamodb.notifications import Notifications
from chalicelib.gateways.dynamodb.outbox import Leases, Outbox, ReceiverStore
from chalicelib.gateways.dynamodb.silences import Silences
from chalicelib.gateways.dynamodb.table import Table

__all__ = [
    "CONFIG",
    "Agents",
    "Alerts",
    "Archive",
    "Leases",
    "Ledger",
    "Notifications",
    "Outbox",
    "ReceiverStore",
    "Silences",
    "Table",
]

# DynamoDB answers in milliseconds or not at all; seconds are better spent on another attempt.
CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 4})
