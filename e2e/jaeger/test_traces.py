"""What a trace of calls is in Jaeger: its spans, who stands under whom, what happened in each, and what went wrong."""

from __future__ import annotations

import pytest

HEADERS, FIRST, TRACE = "firsttoken.headers", "firsttoken.first_token", "firsttoken.provider_trace"
STALL, ERROR, ATTEMPT = "firsttoken.stall", "firsttoken.error", "firsttoken.attempt_failed"
MILESTONES = {
    "streamed": [HEADERS, FIRST, TRACE],
    "closed": [HEADERS, FIRST, TRACE],
    "retried": [ATTEMPT, HEADERS, FIRST, TRACE],
    "refused": [ERROR, TRACE],
    "timed out": [ERROR, TRACE],
}
"""What happened in a call, in the order in which it did."""
FAILED = ("refused", "overloaded", "timed out", "cut")
NOT_FAILED = ("retried", "closed", "cancelled", "truncated")


@pytest.mark.parametrize("kind", MILESTONES)
def test_the_milestones_of_a_call_are_events_in_their_order(kept, kind):
    """But for stalls, of which a busy machine adds its own."""
    [span] = kept.trace(kind)

    assert MILESTONES[kind] == [name for name, _ in span.events if name != STALL]


def test_a_stall_is_an_event_when_it_begins(kept):
    [span] = kept.trace("stalled")

    names = [name for name, _ in span.events]
    assert STALL in names[names.index(FIRST) : names.index(TRACE)]


def test_a_streamed_call_is_one_span_that_says_how_it_went(kept):
    [span] = kept.trace("streamed")

    told = {
        "service.name": "shop",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4.1",
        "gen_ai.request.stream": True,
        "firsttoken.outcome": "completed",
        "firsttoken.cost.currency": "USD",
    }
    assert (span.name, span.parent_id, span.is_error) == ("chat gpt-4.1", "", False)
    assert told == {name: span.attributes.get(name) for name in told}
    assert 0 < span.attributes["firsttoken.time_to_first_token"] < span.took_s


@pytest.mark.parametrize("kind", [*FAILED, *NOT_FAILED])
def test_an_error_is_told_of_what_failed_and_not_of_what_the_caller_chose(kept, kind):
    [span] = kept.trace(kind)

    assert span.is_error == (kind in FAILED)
    assert span.is_error == ("error.type" in span.attributes)


def test_the_work_of_an_agent_is_a_tree(kept):
    spans = {span.name: span for span in kept.trace("agent")}

    agent = spans.pop("invoke_agent planner")
    assert agent.parent_id == ""
    assert spans.keys() == {"execute_tool search", "chat gpt-4.1"}
    assert {agent.span_id} == {span.parent_id for span in spans.values()}


@pytest.mark.parametrize("kind", ["agent", "streamed", "retried", "refused"])
def test_jaeger_warns_of_nothing_and_has_every_event_within_its_trace(kept, kind):
    """In the words of its page, whose times are microseconds."""
    [trace] = kept.jaeger.asked(f"/api/traces/{kept.traces[kind]}")["data"]

    began = min(span["startTime"] for span in trace["spans"])
    ended = max(span["startTime"] + span["duration"] for span in trace["spans"])
    assert [span["warnings"] for span in trace["spans"]] == [None] * len(trace["spans"])
    assert all(began <= event["timestamp"] <= ended for span in trace["spans"] for event in span["logs"])


def test_services_and_operations_are_listed(kept):
    answer = kept.jaeger.asked("/api/v3/operations", service="shop")

    expected = {"chat gpt-4.1", "chat claude-sonnet-4-6", "execute_tool search", "invoke_agent planner"}
    assert kept.jaeger.services() == ["shop"]
    assert expected <= {operation["name"] for operation in answer["operations"]}


@pytest.mark.parametrize(
    ("operation", "kind"), [("invoke_agent planner", "agent"), ("chat helpdesk-tuned-7b", "unpriced")]
)
def test_the_interface_for_programs_finds_traces_by_operation(kept, operation, kind):
    assert {kind} == kept.kinds(kept.jaeger.found_by_name("shop", operation))


def test_the_interface_for_programs_finds_traces_by_how_long_a_span_took(kept):
    long = kept.kinds_with(lambda span: span.took_s >= 2 and span.name == "chat gpt-4.1")

    assert "late" in long
    assert long == kept.kinds(kept.jaeger.found_by_name("shop", "chat gpt-4.1", duration_min="2s"))
