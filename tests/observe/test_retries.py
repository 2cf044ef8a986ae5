"""Retries inside the SDK belong to one call."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import anthropic
import openai
import pytest
from patience import until

import firsttoken
from firsttoken.guard import guarded
from firsttoken.observe import seam
from firsttoken.testing import (
    CapturedSpan,
    CapturedTelemetry,
    Delivery,
    ErrorAnswer,
    Gate,
    NoAnswer,
    ProviderServer,
    text_answer,
)
from firsttoken.testing.script import Reply
from observe.asking import read, streamed, using, whole
from observe.program import PROGRAMS, Program
from observe.surfaces import STREAMS, WHOLE, Surface
from observe.waiting import sleeps
from observe.ways import Opened

Instrumented = Callable[..., AbstractContextManager[None]]

AT_ONCE = {"retry-after-ms": "1"}
RATE_LIMIT = ErrorAnswer(status=429, headers=AT_ONCE)
SURFACES = (*STREAMS, *WHOLE)
OVERLOADED = ErrorAnswer(status=529, headers=AT_ONCE)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no header tells to wait is asked again in hundredths of a second, and not in halves of one."""
    for base in (openai._base_client, anthropic._base_client):
        monkeypatch.setattr(base, "INITIAL_RETRY_DELAY", 0.02)


@pytest.mark.parametrize(
    "replies", [(RATE_LIMIT,), (OVERLOADED, RATE_LIMIT), (NoAnswer(),)], ids=["429", "529 and 429", "reset"]
)
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_retries_are_counted_within_one_span(
    replies: tuple[Reply, ...],
    surface: Surface,
    program: Program,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    with ProviderServer() as server, instrumented():
        server.enqueue(*replies, text_answer('{"city": "Bern", "days": 3}'))
        using(program, surface.sdk, server, lambda client: _drained(surface, program, client), max_retries=3)
        assert len(replies) + 1 == len(server.requests)
    (span,) = telemetry.spans
    assert {
        "firsttoken.outcome": "completed",
        "http.request.resend_count": len(replies),
    }.items() <= span["attributes"].items()


def test_a_call_whose_retries_run_out_failed_with_the_last_error(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(OVERLOADED, OVERLOADED, RATE_LIMIT)
    with instrumented(), pytest.raises(Exception, match="429"):
        using(program, sdk, server, lambda client: whole(program, client), max_retries=2)
    (span,) = telemetry.spans
    assert {
        "firsttoken.outcome": "failed",
        "http.request.resend_count": 2,
        "http.response.status_code": 429,
    }.items() <= span["attributes"].items()


@pytest.mark.skipif("middleware" not in inspect.signature(anthropic.Anthropic).parameters, reason="has no middleware")
def test_a_status_that_a_middleware_saw_before_a_retry_is_not_the_calls(
    server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    seen: list[int] = []

    def watching(request: Any, call_next: Callable[[Any], Any]) -> Any:
        response = call_next(request)
        seen.append(response.status_code)
        return response

    server.enqueue(OVERLOADED, NoAnswer())
    with instrumented(), pytest.raises(anthropic.APIConnectionError):
        using(
            PROGRAMS["sync"],
            "anthropic",
            server,
            lambda client: whole(PROGRAMS["sync"], client),
            middleware=[watching],
            max_retries=1,
        )
    (span,) = telemetry.spans
    assert (seen, span["attributes"]["http.request.resend_count"]) == ([529], 1)
    assert "http.response.status_code" not in span["attributes"]


def test_a_call_that_succeeds_at_once_says_nothing_of_retries(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with instrumented():
        using(program, sdk, server, lambda client: whole(program, client))
    (span,) = telemetry.spans
    assert "http.request.resend_count" not in span["attributes"]


Attempts = list[dict[str, object]]
FAILED_ATTEMPT = "firsttoken.attempt_failed"
WAIT = "firsttoken.attempt.wait"
FAILED_AFTER = "firsttoken.attempt.failed_after"
SLOW = ErrorAnswer(status=429, headers={"retry-after-ms": "60"})
BROKEN = ErrorAnswer(status=500, headers=AT_ONCE)


def attempts_of(span: CapturedSpan) -> Attempts:
    return [dict(event["attributes"]) for event in span["events"] if event["name"] == FAILED_ATTEMPT]


def request_ids(server: ProviderServer) -> list[str]:
    return [f"req_{request.serial}" for request in server.requests]


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_each_attempt_has_its_status_its_wait_and_its_request_id(
    surface: Surface, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with ProviderServer() as server, instrumented():
        server.enqueue(SLOW, BROKEN, text_answer('{"city": "Bern", "days": 3}'))
        using(program, surface.sdk, server, lambda client: _drained(surface, program, client), max_retries=3)
        ids = request_ids(server)
    (span,) = telemetry.spans
    first, second = attempts_of(span)
    assert {
        "http.response.status_code": 429,
        "firsttoken.error.category": "rate_limit",
        "firsttoken.error.retry_after": 0.06,
        "firsttoken.response.request_id": ids[0],
        WAIT: 0.06,
    }.items() <= first.items()
    assert {
        "http.response.status_code": 500,
        "firsttoken.error.category": "server",
        "firsttoken.response.request_id": ids[1],
        WAIT: 0.001,
    }.items() <= second.items()
    assert first[FAILED_AFTER] + 0.06 <= second[FAILED_AFTER]  # type: ignore[operator]
    assert span["attributes"]["firsttoken.response.request_id"] == ids[2]


@pytest.mark.parametrize("kind", [whole, streamed])
def test_an_attempt_without_an_answer_says_what_was_raised(
    kind: Callable[[Program, Any], Any],
    sdk: str,
    program: Program,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    silent = replace(text_answer("late"), delivery=Delivery(headers_after=Gate()))
    with ProviderServer() as server, instrumented():
        server.enqueue(NoAnswer(), silent, *[text_answer("One")] * 10)
        using(program, sdk, server, lambda client: kind(program, client), max_retries=11, timeout=0.3)
    (span,) = telemetry.spans
    lost, late, *_of_a_busy_machine = attempts_of(span)
    assert (lost["firsttoken.error.category"], late["firsttoken.error.category"]) == ("connection", "timeout")
    assert "Timeout" in str(late["exception.type"])
    assert "Error" in str(lost["exception.type"])
    assert not {"http.response.status_code", "firsttoken.response.request_id"} & {*lost, *late}


def test_an_attempt_is_not_taken_for_what_the_caller_is_handling(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    def fail() -> None:
        raise TimeoutError("the caller's own")

    async def ask_while_handling(client: Any) -> None:
        try:
            fail()
        except TimeoutError:
            await whole(program, client)

    server.enqueue(BROKEN, text_answer("One"))
    with instrumented():
        using(program, sdk, server, ask_while_handling, max_retries=1)
    (span,) = telemetry.spans
    (attempt,) = attempts_of(span)
    assert (attempt["http.response.status_code"], attempt["firsttoken.error.category"]) == (500, "server")
    assert "exception.type" not in attempt


def test_the_code_in_an_answer_that_the_sdk_has_read_is_known(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(replace(SLOW, code="insufficient_quota", headers=AT_ONCE), text_answer("One"))
    with instrumented():
        using(program, "openai", server, lambda client: whole(program, client), max_retries=1)
    (span,) = telemetry.spans
    (attempt,) = attempts_of(span)
    assert (attempt["firsttoken.error.category"], attempt["firsttoken.error.code"]) == ("quota", "insufficient_quota")


def test_every_signal_tells_of_the_attempts(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(BROKEN, RATE_LIMIT, BROKEN, text_answer("One"))
    with instrumented():
        using(program, sdk, server, lambda client: whole(program, client), max_retries=3)
    (span,) = telemetry.spans
    (details,) = telemetry.logs
    assert attempts_of(span) == list(details["attributes"]["firsttoken.attempts"])  # type: ignore[arg-type, call-overload]
    counted = {
        point["attributes"]["firsttoken.error.category"]: point["value"]
        for point in telemetry.points
        if point["name"] == "firsttoken.client.retries"
    }
    assert counted == {"server": 2, "rate_limit": 1}


def test_a_caller_that_gives_up_while_the_sdk_waits_is_not_said_to_have_asked_again(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program = PROGRAMS["async"]

    async def give_up(client: Any) -> None:
        asking = asyncio.ensure_future(whole(program, client))
        await asyncio.to_thread(until, lambda: sleeps(asking))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    server.enqueue(ErrorAnswer(status=429, headers={"retry-after": "30"}))
    with instrumented():
        using(program, sdk, server, give_up, max_retries=3)
    (span,) = telemetry.spans
    (attempt,) = attempts_of(span)
    assert (attempt["http.response.status_code"], attempt[WAIT]) == (429, 30.0)
    assert "http.request.resend_count" not in span["attributes"]
    assert span["attributes"]["firsttoken.outcome"] == "cancelled"
    assert len(server.requests) == 1


def test_no_more_attempts_are_kept_than_anybody_makes_on_purpose(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program = PROGRAMS["sync"]
    server.enqueue(*[BROKEN] * 103, text_answer("One"))
    with instrumented():
        using(program, sdk, server, lambda client: whole(program, client), max_retries=200)
    (span,) = telemetry.spans
    assert (span["attributes"]["http.request.resend_count"], len(attempts_of(span))) == (103, 100)


def test_what_the_user_retries_is_a_call_of_its_own(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def ask_twice(client: Any) -> None:
        with pytest.raises(Exception, match="429"):
            await whole(program, client)
        await whole(program, client)

    server.enqueue(RATE_LIMIT, RATE_LIMIT, text_answer("One"))
    with instrumented():
        using(program, sdk, server, ask_twice, max_retries=1)
    one, other = telemetry.spans
    assert tuple((span["attributes"]["firsttoken.outcome"], len(attempts_of(span))) for span in (one, other)) == (
        ("failed", 1),
        ("completed", 0),
    )


def test_calls_in_place_of_one_another_are_tied_by_their_retry_group(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def fall_back(client: Any) -> None:
        with firsttoken.context(retry_group="question 7"):
            with pytest.raises(Exception, match="429"):
                await whole(program, client)
            await streamed(program, client)
        await whole(program, client)

    server.enqueue(RATE_LIMIT)
    with instrumented():
        using(program, sdk, server, fall_back, max_retries=0)
    groups = [span["attributes"].get("firsttoken.retry_group") for span in telemetry.spans]
    assert groups == ["question 7", "question 7", None]


@pytest.mark.parametrize("step", ["failed_attempt", "_hook_in"])
def test_a_bug_in_noting_attempts_is_invisible(
    step: str,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fault(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(seam, step, guarded("find a call")(fault) if step == "_hook_in" else fault)
    server.enqueue(RATE_LIMIT, text_answer("One"))
    with instrumented():
        assert using(program, sdk, server, lambda client: whole(program, client), max_retries=1) is not None
    (span,) = telemetry.spans
    assert (span["attributes"]["firsttoken.outcome"], attempts_of(span)) == ("completed", [])


async def _drained(surface: Surface, program: Program, client: Any) -> None:
    answer = await surface.ask(program, client)
    if isinstance(answer, Opened):
        await read(program, answer.stream)
