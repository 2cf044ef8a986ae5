"""Calls told apart by one name: every call is in one group, and what is not said is a group of its own."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from page.samples import PRICED, RATE_LIMITED, STREAMED, UNKNOWN_MODEL, WHOLE, later
from page.site import record

from firsttoken.analyse.answers import Percentiles
from firsttoken.analyse.grouping import CallGroup, groups_of, names_of, values_of
from firsttoken.call import Call, CallContext
from firsttoken.errors import SelectionError
from firsttoken.store import Batch, Selection, Store


def of(user: str | None, call: Call) -> Call:
    return replace(call, request=replace(call.request, context=CallContext(user_id=user)))


def filled(store: Store, *calls: Call) -> Store:
    store.write(Batch(calls=tuple(map(record, calls)))).result(30)
    return store


def test_groups_stand_with_their_figures_the_largest_first() -> None:
    euro = replace(STREAMED, cost=replace(PRICED, currency="EUR"))
    with Store.open(None) as store:
        filled(
            store, of("ada", STREAMED), of("ada", later(euro, 1)), of("ada", later(RATE_LIMITED, 2)), of("bo", WHOLE)
        )
        ada, bo = groups_of(store, "user")
    assert ada == CallGroup(
        group=("ada",),
        calls=3,
        errors=1,
        first_token=Percentiles(2, 0.412, 0.412),
        input_tokens=3064,
        output_tokens=568,
        cost={"EUR": Decimal("0.0032092"), "USD": Decimal("0.0032092")},
        unpriced_calls=0,
        latest_unix_ns=RATE_LIMITED.timing.started_unix_ns + 2,
    )
    assert (bo.group, bo.calls, bo.first_token, bo.cost) == (
        ("bo",),
        1,
        Percentiles(0, None, None),
        {"USD": PRICED.total},
    )


def test_calls_that_do_not_say_it_are_a_group_of_their_own_and_unknown_is_not_zero() -> None:
    with Store.open(None) as store:
        filled(store, of(None, replace(UNKNOWN_MODEL, usage=None)), of("ada", STREAMED))
        (unsaid,) = groups_of(store, "user", Selection(without=("user",)))
    assert (unsaid.group, unsaid.input_tokens, unsaid.cost, unsaid.unpriced_calls) == ((None,), None, {}, 1)


def test_no_more_groups_are_given_than_asked_for() -> None:
    with Store.open(None) as store:
        filled(store, *(of(f"user {number}", later(STREAMED, number)) for number in range(5)))
        assert len(groups_of(store, "user", limit=3)) == 3


def test_a_store_without_calls_has_no_groups() -> None:
    with Store.open(None) as store:
        assert groups_of(store, "user") == ()


def test_a_name_that_no_call_has_is_refused_with_the_one_that_was_meant() -> None:
    with Store.open(None) as store:
        filled(store, STREAMED)
        with pytest.raises(SelectionError, match="did you mean model"):
            groups_of(store, "modle")


def test_values_are_those_of_the_data_the_most_frequent_first() -> None:
    with Store.open(None) as store:
        filled(store, of("ada", STREAMED), of("bo", later(STREAMED, 1)), of("bo", later(STREAMED, 2)), of(None, WHOLE))
        assert values_of(store, "user") == ("bo", "ada")
        assert values_of(store, "nobody.says.this") == ()
        assert "host.name" in names_of(store)
