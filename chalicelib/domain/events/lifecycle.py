"""Lifecycles: how a problem lasts, as its source says; reminders depend on it."""

from enum import StrEnum


class Lifecycle(StrEnum):
    """How a problem lasts.

    CONTINUOUS lasts until something says that it is over, such as an alarm or an outage. RECURRING is reported again
    each time that it happens, such as a finding or a logged error. RECHECKED is reported at least once a day for as
    long as it lasts, such as a failed scheduled check. PLANNED has a start or a deadline to come, such as a scheduled
    change or the expiry of a certificate. POINT happened once and has no duration, such as a failed job.
    """

    CONTINUOUS = "continuous"
    RECURRING = "recurring"
    RECHECKED = "rechecked"
    PLANNED = "planned"
    POINT = "point"
