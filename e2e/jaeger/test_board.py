"""The board of calls for Jaeger: each of its lists finds its calls in a real one."""

from __future__ import annotations

import json
import shlex

import pytest
from dashboards.committed import panels

CHATS = {"streamed", "retried", "truncated", "costly", "of somebody", "agent", "late", "stalled", "in a conversation"}
LISTS = {
    "All calls": {*CHATS, "refused", "overloaded", "timed out", "cancelled", "closed", "cut", "unpriced"},
    "Failed calls": {"refused", "overloaded", "cut", "agent"},
    "Calls that timed out": {"timed out"},
    "Cancelled calls": {"cancelled"},
    "Closed streams": {"closed"},
    "Without a final count": {"cut"},
    "Costly calls": {"costly"},
}
OF_WHAT_TOOK_LONG = {"Long calls": "late", "Late first tokens": "late", "Stalled streams": "stalled"}
"""A busy machine has more of these."""
QUERIES = {
    panel["title"]: target
    for panel in panels("jaeger/calls")
    for target in panel.get("targets", ())
    if target.get("queryType") == "search"
}


def asked(query: dict[str, str | int]) -> dict[str, str]:
    """The parameters that Grafana's data source makes of a query."""
    chosen = {"$service": "shop", "$operation": "chat", "$longer_than": "2s", "$tags": ""}
    members = {name: str(query[name]) for name in ("service", "tags", "minDuration", "limit")}
    for variable, value in chosen.items():
        members = {name: member.replace(variable, value) for name, member in members.items()}
    tags = dict(pair.split("=", 1) for pair in shlex.split(members.pop("tags")))
    return {name: member for name, member in members.items() if member} | {"tags": json.dumps(tags)}


def test_every_list_of_the_board_is_tried():
    assert QUERIES.keys() == LISTS.keys() | OF_WHAT_TOOK_LONG.keys()


@pytest.mark.parametrize("title", LISTS)
def test_a_list_of_the_board_finds_its_calls_alone(kept, title):
    assert LISTS[title] == kept.kinds(found(kept, title))


@pytest.mark.parametrize(("title", "kind"), OF_WHAT_TOOK_LONG.items())
def test_a_list_of_the_board_finds_what_took_long(kept, title, kind):
    assert kind in kept.kinds(found(kept, title))


def found(kept, title: str) -> set[str]:
    return {trace["traceID"] for trace in kept.jaeger.asked("/api/traces", **asked(QUERIES[title]))["data"]}
