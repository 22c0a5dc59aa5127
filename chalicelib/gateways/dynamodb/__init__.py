"""The store: one DynamoDB table for events, alerts, notifications, leases, agents and silences.

What lies where; infra/hub.yaml defines the table and its indexes::

    item          pk                  sk                   also in
    event         EVENTS#<shard>      <epoch>-<digest>     by_account, by_fingerprint
    entries       UNMERGED#<shard>    <epoch>-<token>      of events that wait for `merge`, some in one
    content       CONTENT#<event>     CONTENT              its event's item, where both fit one kB
    hour index    SEEN#<field>#<value>  <hour>             whether there are such events in an hour
    since         SEEN                SINCE                when these began to be written; from when on three shards
    alert         ALERT#<fp>          ALERT                by_status; work while it will need evaluating
    action        ALERT#<fp>          ACTION#<epoch>       beside its alert
    count         ALERT#<fp>          COUNTED              work while it is to be counted on
    reminder      ALERT#<fp>          REMINDER#<epoch>-<id>
    hours         ALERT#<fp>          HOURS#<day since 1970>  where the alert is busy
    notification  NOTIFICATION#<id>   NOTIFICATION         work, by its status
    lease         RECEIVER#<name>     LEASE
    receiver      RECEIVERS           its name
    reference     REFERENCE#<fp>      its receiver
    budget        BUDGET#<method>     <minute>
    feedback      FEEDBACK#<week>     <fp>#<episode>#<person>
    agent         AGENTS              <account>-<region>
    attempt       IDEMPOTENCY#<key>   IDEMPOTENCY
    silence       SILENCES            its id               work, by its end
    its copy      SILENCES#STANDING   its id

What each method of the ports takes::

    Ledger.alert                     one item, consistent
    Ledger.with_stored_id            once a minute in a function instance's first quarter of an hour, and once after it:
                                     since, the newest of the fourth shard, both consistent;
                                     of the fourth shard, from before the time since which there are 3: one item
    Ledger.record                    update of hour index, once an hour, value and function instance;
                                     put of content that lies apart; transaction: event if absent, alert, notifications
    Ledger.keep_unmerged             update of entries; as record does, but a put if absent alone
    Ledger.record, .merge            before it, at each 500 events of an alert, and where one of so many is late: update
                                     of its count, into work TO_COUNT
    Ledger.merge                     transaction: entries removed if they are as read, events with other outcomes,
                                     alert at its version, notifications,
                                     and of its history what its events do not tell: an action, reminders
    EventStore.find                  one item, consistent; another for its content where that lies apart, and before
                                     both that of an id of the fourth shard
    EventStore.page                  by_account, by_fingerprint, or 3 shards merged by id, behind the time from which
                                     these are all there is 4; at most 1,000 items examined; since, once a minute;
                                     by region, source or kind in those hours alone that have such events, consistent
    EventStore.between               4 shards merged by id, without content
    EventRetention.extend            update of an event, and of its content where that lies apart
    UnmergedEventStore.entered       UNMERGED#<shard>, merged by name, consistent; once in ten minutes those in work, of
                                     versions before ADR 41, each a transaction: entries, events out of work
    UnmergedEventStore.unmerged      the events of entries, consistent; deletes entries that stand for nothing
    UnmergedEventStore.unmerged_now  the entries, consistent; `alerts_of` the alerts
    AlertStore.find                  one item, consistent
    AlertStore.page                  by_status, 1 or 3 merged by the episode's beginning, whose keys say severity,
                                     account and kind; then the items that may fit, consistent
    AlertStore.actions, .reminders   the alert's partition, a span of times
    AlertDetailStore.find            the alert's partition, consistent
    AlertDetailStore.mentioned       a batch: notifications, events with their contents, hours with deployments
    HourlyCountStore.add             update of one day, of two around midnight
    HourlyCountStore.find_all        two days of each alert, consistent
    HourlyCountStore.save            put of two days
    AlertStore.due                   work DUE and INHIBITING, then CAN_WAIT, up to now; then the items, consistent
    EpisodeCounts.find, .save        one item, consistent; put
    EpisodeCounts.waiting            work TO_COUNT, up to now
    InhibitorStore.inhibitors        work INHIBITING; then the items, consistent
    NotificationStore.find           one item, consistent
    NotificationStore.page           work <status>#<receiver>, of more than a hundred that are pending ten stretches
                                     of it, merged by creation; then the items, consistent
    NotificationStore.enqueue_again  transaction: a notification at its status, what its event says of it
    Outbox.pending                   work PENDING#<receiver>, most urgent first; then the items, consistent
    Outbox.enqueue                   put if absent
    Outbox.settle                    transactions: notifications if pending, what their events say of them
    Outbox.count                     work PENDING#<receiver> or FAILED#<receiver>, at most 1,000
    Leases.acquire                   update if nobody holds it and the receiver may be sent to
    Leases.times                     one item, consistent
    Leases.release                   update if the holder is still the same
    ReceiverStore.names              RECEIVERS
    ReceiverStore.add                put
    References.find, .find_all       one item, or some, consistent
    References.save                  put
    CallBudgets.take                 update if there is any left
    CallBudgets.pause                an update for each minute
    FeedbackStore.save               put
    FeedbackStore.in_week            FEEDBACK#<week>
    AgentStore.find, .delete         one item
    AgentStore.save                  put at its revision
    AgentStore.page, .name, .named   AGENTS, a span of ids
    IdempotencyStore.find, .delete   one item
    IdempotencyStore.save            put if absent, or in the place of a known one
    SilenceStore.find                one item, consistent
    SilenceStore.save                transaction: put at its revision, its copy
    SilenceStore.unexpired           SILENCES#STANDING, whole items
    DynamoSilenceStore.copy_older    keys of work SILENCES, SILENCES#STANDING; then the items that differ, consistent
    SilenceStore.page                work SILENCES, a span of ends; then the items, consistent

What an event costs, in write units (each begun kB is one; a transaction bills its items twice, an index once): its item
is 2, its content 1 for each kB where the two do not fit one kB together, its alert 2, its two index entries 2. So 6
for an event of about 1 kB, 7 for one of 2 kB. A problem's first is 2 more: its alert enters `by_status` and `work`,
where it stays until its status, severity or account changes, or it was evaluated. The first event of a region, source
or kind in an hour that a function instance stores is 1 more for each; and from its seventeenth event within a day on,
of a problem's every 4,000th is 1 more, or the first in a third hour: the hours of what its alert has forgotten. To
enqueue a notification is 3 more; to settle it is 2 for the notification, 2 to move it within `work`, and 4 for the
event with its 2 entries. An event that is stored alone is 5: its item, its content, its index entries 2, and its entry;
up to 16 entries are removed for 2. tests/gateways/dynamodb/test_write_units.py computes this.

Nothing here is written by every event; so there is no item at which all wait for each other. The partitions of
`by_status` and of what is due are entered once an episode, not once an event, and once more when it becomes worse.
"""

from botocore.config import Config

from chalicelib.gateways.dynamodb.agents import DynamoAgentStore
from chalicelib.gateways.dynamodb.alerts import DynamoAlertStore
from chalicelib.gateways.dynamodb.budgets import DynamoCallBudgets
from chalicelib.gateways.dynamodb.event_store import DynamoEventRetention, DynamoEventStore
from chalicelib.gateways.dynamodb.leases import DynamoLeases, DynamoReceiverStore
from chalicelib.gateways.dynamodb.ledger import DynamoLedger
from chalicelib.gateways.dynamodb.notifications import DynamoNotificationStore
from chalicelib.gateways.dynamodb.outbox import DynamoOutbox
from chalicelib.gateways.dynamodb.references import DynamoReferences
from chalicelib.gateways.dynamodb.silences import DynamoSilenceStore
from chalicelib.gateways.dynamodb.table import DynamoTable

__all__ = [
    "CONFIG",
    "DynamoAgentStore",
    "DynamoAlertStore",
    "DynamoCallBudgets",
    "DynamoEventRetention",
    "DynamoEventStore",
    "DynamoLeases",
    "DynamoLedger",
    "DynamoNotificationStore",
    "DynamoOutbox",
    "DynamoReceiverStore",
    "DynamoReferences",
    "DynamoSilenceStore",
    "DynamoTable",
]

# DynamoDB answers in milliseconds or not at all; seconds are better spent on another attempt. What it is sent,
# `expressions.py` and `table.py` alone write, and DynamoDB checks: botocore's own check was a twelfth of each call.
CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 4}, parameter_validation=False
)
