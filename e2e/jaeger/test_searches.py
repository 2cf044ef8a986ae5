"""Every search that is saved, and every tag that is worth searching, finds what it should and nothing else."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

import pytest
from boards.searches import BY_VALUE, SAVED, Search

FOUND = {
    "Failed": {"refused", "overloaded", "cut", "agent"},
    "Rate limited": {"refused", "retried"},
    "Overloaded": {"overloaded"},
    "Timed out": {"timed out"},
    "Cancelled": {"cancelled"},
    "Closed early": {"closed"},
    "Truncated": {"truncated"},
    "Without final counts": {"cut"},
    "Without a price": {"unpriced"},
    "Retried": {"retried"},
    "Costly": {"costly"},
}
MEASURED = {
    "Longer than 30 s": ("late", lambda span: span.took_s >= 2),
    "Late first token": ("late", lambda span: span.attributes.get("firsttoken.time_to_first_token", 0) > 2),
    "Stalled": ("stalled", lambda span: int(span.attributes.get("firsttoken.stall.count", 0)) > 0),
}
"""What is there for each, and what else may be on a busy machine."""
TITLE = attrgetter("title")


@pytest.mark.parametrize("search", [each for each in SAVED if each.title not in MEASURED], ids=TITLE)
def test_a_saved_search_finds_the_calls_of_its_kind_alone(kept, search):
    assert FOUND[search.title] == kept.kinds(kept.jaeger.found(search, "shop"))


@pytest.mark.parametrize("search", [each for each in SAVED if each.title in MEASURED], ids=TITLE)
def test_a_search_for_what_took_long_finds_that_alone(kept, search):
    kind, took_long = MEASURED[search.title]
    hurried = replace(search, longer_than="2s") if search.longer_than else search

    assert kind in kept.kinds_with(took_long)
    assert kept.kinds_with(took_long) == kept.kinds(kept.jaeger.found(hurried, "shop"))


@pytest.mark.parametrize("search", BY_VALUE, ids=TITLE)
def test_a_tag_that_is_worth_searching_leads_to_its_traces(kept, search):
    [name] = search.tags
    told = {str(span.attributes[name]) for kind in kept.traces for span in kept.trace(kind) if name in span.attributes}
    assert told

    for value in told:
        found = kept.jaeger.found(replace(search, tags={name: value}), "shop")
        assert kept.kinds_with(lambda span, told=value: str(span.attributes.get(name)) == told) == kept.kinds(found)


def test_an_error_is_found_as_one_by_a_store_that_keeps_traces_alone(both):
    """The page's own example. When this fails, Jaeger has mended it, and docs/jaeger.md can say so."""
    errors = Search("Errors", "", {"error": "true"})

    found = {store: kept.kinds(kept.jaeger.found(errors, "shop")) for store, kept in both.items()}

    assert found == {"memory": set(), "badger": {"refused", "overloaded", "timed out", "cut", "agent"}}
