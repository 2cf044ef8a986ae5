"""What travels from service to service: what is listed, and nothing else, whatever comes in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from observe.asking import using, whole
from observe.program import PROGRAMS
from opentelemetry import baggage
from opentelemetry import context as otel
from opentelemetry.baggage.propagation import W3CBaggagePropagator

import firsttoken
from firsttoken import Settings
from firsttoken.call import NOTHING_SAID, CallContext
from firsttoken.contexts import baggage as ours
from firsttoken.contexts import captured
from firsttoken.contexts.values import LONGEST
from firsttoken.testing import CapturedTelemetry, ProviderServer

Instrumented = Callable[..., AbstractContextManager[None]]

PROPAGATOR = W3CBaggagePropagator()


@contextmanager
def request_with(header: str) -> Any:
    """As a server's instrumentation does it."""
    token = otel.attach(PROPAGATOR.extract({"baggage": header}))
    try:
        yield
    finally:
        otel.detach(token)


@contextmanager
def request_over(header: str) -> Any:
    """The same, in what is current already."""
    token = otel.attach(PROPAGATOR.extract({"baggage": header}, otel.get_current()))
    try:
        yield
    finally:
        otel.detach(token)


def sent() -> dict[str, str]:
    """What an HTTP client's instrumentation would inject here."""
    carrier: dict[str, str] = {}
    PROPAGATOR.inject(carrier)
    return carrier


def test_nothing_goes_out_and_nothing_is_taken_in_unless_it_is_listed() -> None:
    with request_with("user.id=u,session.id=s"):
        assert captured() is NOTHING_SAID
    with firsttoken.context(user_id="u", run_id="r", feature="f"):
        assert sent() == {}


def test_what_is_listed_is_taken_in_and_what_the_application_says_wins() -> None:
    ours.allow(["user.id", "session.id", "run.id", "feature"])
    with request_with("user.id=u,session.id=s%20%C3%A4,firsttoken.run.id=r,feature=f,step.id=1,other=x"):
        assert CallContext("u", "s ä", more={"feature": "f"}) == captured()
        with firsttoken.context(user_id="own", session_id="", step_id="2", feature="own"):
            assert CallContext("own", step_id="2", more={"feature": "own"}) == captured()
        assert captured().user_id == "u"


def test_what_a_block_says_wins_over_baggage_that_comes_after_it() -> None:
    ours.allow(["user.id", "feature", "session.id"])
    with firsttoken.context(user_id="own", feature="own"), request_over("user.id=u,feature=f,session.id=s"):
        assert CallContext("own", "s", more={"feature": "own"}) == captured()


def test_what_a_block_says_of_listed_names_goes_out_while_it_lasts() -> None:
    ours.allow(["user.id", "firsttoken.run.id", "feature"])
    with request_with("user.id=u,theirs=x"), firsttoken.context(run_id="r 1", session_id="s", feature=7):
        assert sent() == {"baggage": "user.id=u,theirs=x,firsttoken.run.id=r+1,feature=7"}
        with firsttoken.context(user_id="", run_id="ü,;="):
            assert sent() == {"baggage": "theirs=x,firsttoken.run.id=%C3%BC%2C%3B%3D,feature=7"}
    assert sent() == {}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"user.id={'x' * 4000}", "x" * LONGEST),
        (f"user.id={quote('a' + chr(0) + 'b')}", "ab"),
        ("user.id=%FF%FE", "\ufffd\ufffd"),
        (f"user.id={quote('a' + chr(10) + 'b: c')}", "a\nb: c"),
        ("user.id=u;p=1", "u;p=1"),
        ("user.id=", None),
        ("user.id", None),
        ("=u,,;,user.id", None),
        (",".join(f"k{number}=v" for number in range(500)), None),
    ],
    ids=["long", "NUL", "not UTF-8", "line break", "properties", "empty", "no value", "no member", "many"],
)
@pytest.mark.filterwarnings("ignore:.*aggage.*")
def test_hostile_baggage_is_bounded_text_or_nothing(header: str, expected: str | None) -> None:
    ours.allow(["user.id"])
    with request_with(header):
        assert captured().user_id == expected


@pytest.mark.parametrize("value", [7, b"x", object(), None, ["u"], "x" * 10_000_000])
def test_a_member_that_an_application_put_there_itself_is_treated_alike(value: Any) -> None:
    ours.allow(["user.id"])
    token = otel.attach(baggage.set_baggage("user.id", value))
    inside = captured().user_id
    otel.detach(token)
    assert inside is None or (isinstance(inside, str) and len(inside) <= LONGEST)


@given(st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_no_header_makes_it_raise(header: str) -> None:
    ours.allow(["user.id", "feature"])
    with request_with(f"user.id={header},{header},feature={header}"):
        captured()


def test_the_list_of_the_environment_holds_until_there_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTTOKEN_BAGGAGE", "user.id, run.id")
    monkeypatch.setattr(ours._Allowed, "names", None)
    assert ours.allowed() == ("user.id", "run.id")
    monkeypatch.setenv("FIRSTTOKEN_BAGGAGE", "not a name")
    monkeypatch.setattr(ours._Allowed, "names", None)
    assert ours.allowed() == ()


def test_a_call_carries_what_came_in(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def serve(client: Any) -> None:
        with request_with("user.id=u,session.id=s"):
            await whole(PROGRAMS["async"], client)

    with instrumented(Settings(baggage=("user.id",))):
        using(PROGRAMS["async"], sdk, server, serve)
    (span,) = telemetry.spans
    assert (span["attributes"]["user.id"], "session.id" in span["attributes"]) == ("u", False)


def test_openais_sdk_sends_its_provider_none_of_it(server: ProviderServer, instrumented: Instrumented) -> None:
    async def ask(client: Any) -> None:
        with firsttoken.context(user_id="u"):
            await whole(PROGRAMS["async"], client)

    with instrumented(Settings(baggage=("user.id",))):
        using(PROGRAMS["async"], "openai", server, ask)
    assert [request.headers.get("baggage") for request in server.requests] == [None]


def test_an_http_instrumentation_sends_it_to_the_provider_as_well(
    sdk: str, server: ProviderServer, instrumented: Instrumented
) -> None:
    async def ask(client: Any) -> None:
        with firsttoken.context(user_id="u"):
            await whole(PROGRAMS["async"], client)

    with instrumented(Settings(baggage=("user.id",), httpx=True)):
        using(PROGRAMS["async"], sdk, server, ask)
    assert [request.headers.get("baggage") for request in server.requests] == ["user.id=u"]
