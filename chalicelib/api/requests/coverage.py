"""What is asked of coverage: whose, of which log time, and of which log group."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chalicelib.api.requests import (
    EVENT_PARAMETERS,
    PAGE_PARAMETERS,
    Form,
    Read,
    last_moment,
    list_query_of,
    matching,
    moment,
)
from chalicelib.domain.agents.agent import parse_agent_id
from chalicelib.domain.queries import CoverageQuery

if TYPE_CHECKING:
    from chalice.app import Request


COVERAGE_PARAMETERS: Mapping[str, Read] = {
    "agent": parse_agent_id,
    "account": matching("[0-9]{12}", "must be 12 digits"),
    "region": EVENT_PARAMETERS["region"],
    "log_group": matching(r"[A-Za-z0-9_/.#-]{1,512}", "must be a log group's name such as /aws/lambda/checkout"),
    "start_date": moment,
    "end_date": last_moment,
    **PAGE_PARAMETERS,
}


def coverage_query(request: "Request") -> CoverageQuery:
    """Read whose coverage is asked for, and of what; an agent's id is its account and region."""
    form = Form.query(request, COVERAGE_PARAMETERS)
    if agent := form.values.pop("agent", None):
        if {"account", "region"} & form.values.keys():
            form.blame("agent", "must stand alone: it says account and region itself")
        form.values["account"], form.values["region"] = agent
    return list_query_of(form, CoverageQuery)
