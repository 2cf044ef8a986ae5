"""A selection takes the calls that it says, groups tell them apart, and nothing of it becomes SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from firsttoken.call import Call, CallContext, Timing
from firsttoken.errors import SelectionError
from firsttoken.store import Batch, Between, JsonText, Selection, Store

from .samples import ORIGIN, SMALLEST_CALL, call_record


def a_call(number: int, model: str | None, **context: object) -> Call:
    request = replace(SMALLEST_CALL.request, model=model, context=CallContext(**context))  # type: ignore[arg-type]
    return replace(SMALLEST_CALL, request=request, timing=Timing(number, 5, 10**9, first_token_ns=2 * 10**9))


CALLS = (
    a_call(10, "gpt-4o", user_id="u1", tags=("a", "b"), more={"feature": "search"}),
    a_call(20, "gpt-4o-mini", user_id="u2"),
    a_call(30, "claude-4*", user_id="u1"),
    a_call(40, None),
)
RELEASES = ("1.0", "1.1", "'; DROP TABLE calls; --", "1.1")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        records = [
            replace(
                call_record(call),
                attributes=JsonText(json.dumps({"release": release, "a/b~c": 7})),
                origin=replace(ORIGIN, resource=JsonText(json.dumps({"service.version": f"v{number}"}))),
            )
            for number, (call, release) in enumerate(zip(CALLS, RELEASES, strict=True))
        ]
        opened.write(Batch(calls=tuple(records))).result(30)
        yield opened


def starts(store: Store, selection: Selection) -> list[int]:
    with store.read() as reader:
        return sorted(reader.table(["started_unix_ns"], selection).column("started_unix_ns").to_pylist())


@pytest.mark.parametrize(
    ("expected", "selection"),
    [
        ([10, 20, 30, 40], Selection()),
        ([20, 30], Selection(since_unix_ns=20, until_unix_ns=40)),
        ([10], Selection(models=("gpt-4o",))),
        ([10, 20], Selection(models=("gpt-4o*",))),
        ([30], Selection(models=("claude-4*",))),
        ([10, 20, 30], Selection(models=("*4*",))),
        ([], Selection(models=("gpt.4o", "GPT-4O*"))),
        ([10, 30], Selection(where={"user": "u1"})),
        ([10], Selection(where={"tags": "b"})),
        ([10], Selection(where={"release": "1.0"})),
        ([30], Selection(where={"release": "'; DROP TABLE calls; --"})),
        ([10, 20, 30, 40], Selection(where={"a/b~c": "7"})),
        ([20], Selection(where={"service.version": "v1"})),
        ([], Selection(where={"nothing": "x"})),
        ([10], Selection(where={"gen_ai.request.model": "gpt-4o"})),
        ([10, 20, 30, 40], Selection(where={"firsttoken.time_to_first_token": "2"})),
        ([10, 20, 30, 40], Selection(where={"stream": "False"})),
        ([10, 20, 30, 40], Selection(between=(Between("headers", at_least=1, below=1.1),))),
        ([], Selection(between=(Between("headers", below=1),))),
        ([], Selection(between=(Between("first_token", at_least=2),))),
        ([20, 30], Selection(between=(Between("started", 20e-9, 40e-9), Between("total", at_least=5e-9)))),
        ([], Selection(between=(Between("cost", at_least=0),))),
        ([10], Selection(between=(Between("total", at_least=4.9999999e-9, below=6e-9),), models=("gpt-4o",))),
        ([40], Selection(without=("user",))),
        ([20, 30, 40], Selection(without=("tags",))),
        ([20, 30, 40], Selection(without=("feature",))),
        ([10, 20, 30, 40], Selection(without=("nothing", "session.id"))),
        ([10, 20, 30, 40], Selection(where={"failed": "false"})),
        ([], Selection(where={"price_missing": "false"})),
        ([10, 20], Selection(search="GPT-4O")),
        ([30], Selection(search="drop table")),
        ([], Selection(search="gpt_4o%")),
        ([10], Selection(search="search", models=("gpt-4o",))),
    ],
)
def test_a_selection_takes_the_calls_it_says(store: Store, expected: list[int], selection: Selection) -> None:
    assert starts(store, selection) == expected


@pytest.mark.parametrize(
    ("complaint", "where"),
    [
        ("max_tokens='many' cannot be: give a whole number", {"max_tokens": "many"}),
        ("stream='maybe' cannot be: give true or false", {"stream": "maybe"}),
        ("gen_ai.request.temperature='nan' cannot be: give a number", {"gen_ai.request.temperature": "nan"}),
    ],
)
def test_a_value_that_cannot_be_is_refused(store: Store, complaint: str, where: dict[str, str]) -> None:
    where = {"gen_ai.request.max_tokens" if name == "max_tokens" else name: value for name, value in where.items()}
    with pytest.raises(SelectionError) as refusal:
        starts(store, Selection(where=where))
    assert complaint.partition("=")[2] in str(refusal.value)


def test_a_bound_of_what_is_no_figure_is_refused(store: Store) -> None:
    with pytest.raises(
        SelectionError, match="model is no figure of a call: use one such as first_token, total or cost"
    ):
        starts(store, Selection(between=(Between("model", at_least=1),)))


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ({"u1": 2, "u2": 1, None: 1}, "user"),
        ({"1.0": 1, "1.1": 2, "'; DROP TABLE calls; --": 1}, "release"),
        ({"1970-01-01": 4}, "day"),
        ({"a, b": 1, None: 3}, "tags"),
    ],
)
def test_calls_are_told_apart_by_what_they_are_grouped_by(
    store: Store, expected: dict[str | None, int], name: str
) -> None:
    with store.read() as reader:
        groups = reader.table(["span_id"], group_by=[name]).column("group_values").to_pylist()
    found = {value: groups.count([value]) for value in expected}
    assert found == expected
    assert len(groups) == sum(expected.values())


def test_a_reader_knows_the_names_that_calls_have(store: Store) -> None:
    with store.read() as reader:
        assert [reader.knows(name) for name in ("model", "release", "service.version", "nothing")] == [
            True,
            True,
            True,
            False,
        ]
        assert {"release", "service.version"} <= set(reader.attributes())


def test_a_column_that_there_is_not_is_refused(store: Store) -> None:
    with store.read() as reader, pytest.raises(KeyError):
        reader.table(["span_id; DROP TABLE calls"])
