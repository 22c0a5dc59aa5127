"""Lifecycles: how a problem lasts, as its source says; who is reminded of it, and when, follows from that."""

from enum import StrEnum


class Lifecycle(StrEnum):
    """How a problem lasts.

    CONTINUOUS is there until something says that it is over, such as an alarm or an outage. RECURRING is found again
    each time that it happens, such as a finding or a logged error. RECHECKED is found again at least once a day for as
    long as it is there, such as what fails a scheduled check. PLANNED has a start or a deadline to come, such as a
    scheduled change or a certificate's end. POINT has happened, and lasts no time, such as a job that failed.
    """

    CONTINUOUS = "continuous"
    RECURRING = "recurring"
    RECHECKED = "rechecked"
    PLANNED = "planned"
    POINT = "point"
