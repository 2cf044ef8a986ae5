"""What holds inside a block, and that nothing an application says makes it raise."""

from __future__ import annotations

import asyncio
import contextvars
import enum
import inspect
import logging
import math
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import context as otel

import firsttoken
from firsttoken.call import NOTHING_SAID, CallContext
from firsttoken.contexts import captured
from firsttoken.contexts.values import LONGEST, MOST
from firsttoken.guard import troubles

DROPPED = "take a value of a context"
MISNAMED = "take a name of a context"
SHORTENED = "keep a context within its bounds"


class Colour(enum.StrEnum):
    RED = "red"


class Size(enum.Enum):
    LARGE = "large"


class Shout(str):
    """Text that says something else of itself."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError


def kind(value: object) -> str:
    """An id of a test that is the same in every process."""
    return type(value).__name__


EVERYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.builds(object) | st.uuids(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.frozensets(st.text()) | st.tuples(inner),
    max_leaves=5,
)
ID_NAMES = [
    name
    for name, parameter in inspect.signature(firsttoken.context).parameters.items()
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name != "tags"
]


def test_what_a_block_says_holds_inside_it_and_nowhere_else() -> None:
    ids = dict.fromkeys(ID_NAMES, "x")
    with firsttoken.context(**ids, tags=["beta", "eu"], feature="search", attempt=2, share=0.5, trial=False):
        inside = captured()
    expected = CallContext(
        *["x"] * len(ID_NAMES),
        tags=("beta", "eu"),
        more={"feature": "search", "attempt": 2, "share": 0.5, "trial": False},
    )
    assert (expected, NOTHING_SAID) == (inside, captured())
    assert captured() is NOTHING_SAID


def test_inside_another_block_it_adds_and_overrides_and_empty_text_takes_back() -> None:
    with firsttoken.context(user_id="u", session_id="s", run_id="r", tags=["a", "b"], feature="x", plan="free"):
        with firsttoken.context(user_id=None, session_id="", run_id="other", tags=["b", "c"], feature="", plan="pro"):
            inner = captured()
        outer = captured()
    assert CallContext(user_id="u", run_id="other", tags=("a", "b", "c"), more={"plan": "pro"}) == inner
    expected = CallContext("u", "s", run_id="r", tags=("a", "b"), more={"feature": "x", "plan": "free"})
    assert expected == outer


@pytest.mark.parametrize("name", ["organization_id", "firsttoken.organization.id", "organization.id", "org.id"])
def test_a_field_has_more_names_than_one(name: str) -> None:
    with firsttoken.context(**{name: "acme"}):
        assert CallContext(organization_id="acme") == captured()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("text", "text"),
        (7, "7"),
        (-(2**63), "-9223372036854775808"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        (Size.LARGE, "large"),
        (Shout("loud"), "loud"),
        ("a\0b\ud800c", "ab?c"),
    ],
    ids=kind,
)
def test_an_id_is_text_or_is_made_into_it(given: object, kept: str) -> None:
    with firsttoken.context(user_id=given, **{"more": given}):
        assert captured().user_id == kept
    assert not troubles


@pytest.mark.parametrize("given", [True, 1.5, b"bytes", object(), ["list"], {"a": 1}, 2**63, 10**5000, len], ids=kind)
def test_an_id_of_another_kind_is_dropped_and_counted(given: object) -> None:
    with firsttoken.context(user_id="outer"), firsttoken.context(user_id=given, session_id="kept"):
        assert CallContext("outer", "kept") == captured()
    assert Counter({DROPPED: 1}) == troubles


@pytest.mark.parametrize("given", [math.nan, math.inf, 2**63, b"bytes", object(), {"a": 1}, iter("ab")], ids=kind)
def test_a_value_that_no_attribute_holds_is_dropped_and_counted(given: object) -> None:
    with firsttoken.context(feature=given, plan="kept"):
        assert CallContext(more={"plan": "kept"}) == captured()
    assert Counter({DROPPED: 1}) == troubles


@pytest.mark.parametrize(
    ("given", "tags", "dropped"),
    [
        ("one", ("one",), 0),
        ({"b", "a"}, ("a", "b"), 0),
        (("a", "a", "", 3), ("a", "3"), 0),
        (["a", None, b"x"], ("a",), 2),
        ({"a": "b"}, (), 1),
        (7, (), 1),
    ],
    ids=kind,
)
def test_tags_are_texts_each_once(given: object, tags: tuple[str, ...], dropped: int) -> None:
    with firsttoken.context(tags=given):
        assert tags == captured().tags
    assert dropped == troubles[DROPPED]


@pytest.mark.parametrize(
    "name",
    ["gen_ai.usage.input_tokens", "gen_ai.anything", "http.x", "firsttoken.outcome", "error.type", "", "x" * 257],
)
def test_a_name_of_the_conventions_or_of_ours_or_of_no_length_that_fits_is_dropped_and_counted(name: str) -> None:
    with firsttoken.context(**{name: 1, "feature": "kept"}):
        assert CallContext(more={"feature": "kept"}) == captured()
    assert Counter({MISNAMED: 1}) == troubles


def test_a_context_has_bounds_and_says_when_it_reaches_them() -> None:
    many = [f"t{number}" for number in range(2 * MOST)]
    with firsttoken.context(user_id="x" * 10_000_000, tags=many, **dict.fromkeys(many, "y" * 1000)):
        inside = captured()
    assert ("x" * LONGEST, tuple(many[:MOST])) == (inside.user_id, inside.tags)
    assert dict.fromkeys(many[:MOST], "y" * LONGEST) == inside.more
    assert troubles.keys() == {SHORTENED}


def test_blocks_inside_each_other_do_not_add_up_beyond_the_bounds() -> None:
    blocks = [firsttoken.context(tags=[f"t{number}"], **{f"n{number}": 1}) for number in range(2 * MOST)]
    for block in blocks:
        block.__enter__()
    inside = captured()
    for block in reversed(blocks):
        block.__exit__()
    assert (len(inside.tags), len(inside.more)) == (MOST, MOST)


@given(
    st.dictionaries(
        st.sampled_from([*ID_NAMES, "tags", "feature", "", "user.id", "self", "more"]) | st.text(), EVERYTHING
    )
)
def test_nothing_that_is_said_makes_it_raise(given: dict[str, Any]) -> None:
    with firsttoken.context(**given):
        inside = captured()
    for name in ID_NAMES:
        value = getattr(inside, {"org_id": "organization_id"}.get(name, name))
        assert value is None or (isinstance(value, str) and 0 < len(value) <= LONGEST)


def test_it_is_asynchronous_as_well_and_holds_for_tasks_that_start_inside() -> None:
    async def look() -> str | None:
        await asyncio.sleep(0)
        return captured().user_id

    async def both() -> list[str | None]:
        async with firsttoken.context(user_id="a"):
            one = asyncio.create_task(look())
        async with firsttoken.context(user_id="b"):
            other = asyncio.create_task(look())
            in_thread = asyncio.create_task(asyncio.to_thread(lambda: captured().user_id))
        return [await one, await other, await in_thread, await look()]

    assert asyncio.run(both()) == ["a", "b", "b", None]


def test_it_decorates_functions_and_coroutine_functions_which_keep_their_looks() -> None:
    @firsttoken.context(call_type="summary")
    def plain(depth: int) -> list[str | None]:
        """Looks."""
        return [captured().call_type, *(plain(depth - 1) if depth else [])]

    @firsttoken.context(call_type="agent_step")
    async def waits() -> str | None:
        await asyncio.sleep(0)
        return captured().call_type

    assert plain(2) == ["summary"] * 3
    assert (
        plain.__name__,
        plain.__doc__,
        str(inspect.signature(plain)),
    ) == ("plain", "Looks.", "(depth: 'int') -> 'list[str | None]'")
    assert inspect.iscoroutinefunction(waits)
    assert asyncio.run(waits()) == "agent_step"
    assert captured() is NOTHING_SAID


def test_it_leaves_a_generator_as_it_is_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def numbers() -> Iterator[int]:
        yield 1

    async def later() -> AsyncIterator[int]:
        yield 1

    decorate = firsttoken.context(user_id="u")
    assert (numbers, later) == (decorate(numbers), decorate(later))
    said = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert [line.partition(" such")[0] for line in said] == ["firsttoken.context does not wrap a generator"] * 2


def test_an_error_passes_through_and_the_context_ends() -> None:
    with pytest.raises(KeyError), firsttoken.context(user_id="u"):
        raise KeyError
    assert captured() is NOTHING_SAID


def test_one_block_may_be_entered_by_several_tasks_and_again() -> None:
    block = firsttoken.context(user_id="u")

    async def enter(inside: asyncio.Event, leave: asyncio.Event) -> tuple[str | None, str | None]:
        with block:
            inside.set()
            await leave.wait()
            held = captured().user_id
        return held, captured().user_id

    async def crossed() -> list[tuple[str | None, str | None]]:
        first_in, second_in = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(enter(first_in, second_in))
        await first_in.wait()
        return list(await asyncio.gather(first, enter(second_in, first_in)))

    assert asyncio.run(crossed()) == [("u", None)] * 2
    with block, block:
        assert captured().user_id == "u"
    assert captured() is NOTHING_SAID


def test_a_block_that_is_left_in_another_context_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def numbers() -> Iterator[int]:
        with firsttoken.context(user_id="u"):
            yield 1

    running = numbers()
    contextvars.copy_context().run(next, running)
    running.close()
    assert captured() is NOTHING_SAID
    assert not troubles
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


def test_it_keeps_what_else_is_in_the_context() -> None:
    token = otel.attach(otel.set_value("mine", 1))
    with firsttoken.context(user_id="u"):
        assert otel.get_value("mine") == 1
        inner = otel.attach(otel.set_value("mine", 2))
        assert captured().user_id == "u"
        otel.detach(inner)
    otel.detach(token)
