"""What providers, proxies and networks do to a call, through the real SDKs: each has its category, stage and code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

import pytest
from installed import needs

from firsttoken.testing import (
    CapturedSpan,
    CapturedTelemetry,
    Delivery,
    ErrorAnswer,
    Gate,
    ProviderServer,
)
from observe.asking import opened, read, using, whole
from observe.error_cases import ANSWER, BOTH, CASES, WHOLE, Case, happening
from observe.program import Program
from observe.watching import raised

Instrumented = Callable[..., AbstractContextManager[None]]


def outcome(case: Case, sdk: str, kind: str, program: Program) -> tuple[object, ...]:
    """What the program sees of it."""
    try:
        happening(case, sdk, kind, program)
    except Exception as error:  # noqa: BLE001  whatever it is
        return raised(error)
    return ("read to the end",)


@pytest.mark.parametrize(("case", "sdk", "kind"), CASES)
def test_a_failed_call_says_what_kind_of_error_it_was(
    case: Case, sdk: str, kind: str, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    bare = outcome(case, sdk, kind, program)
    with instrumented():
        assert bare == outcome(case, sdk, kind, program)
    (span,) = telemetry.spans
    assert case.expected(sdk) == about_the_error(span)
    assert span["status"] == "ERROR"


def about_the_error(span: CapturedSpan) -> dict[str, object]:
    return {
        name: value
        for name, value in span["attributes"].items()
        if name.startswith("firsttoken.error.") or name == "http.response.status_code"
    }


RESPONSE_ENDS: Final = {
    "failed": (replace(ANSWER, status="failed", finish_reason="rate_limit_exceeded"), "rate_limit"),
    "failed for its content": (
        replace(ANSWER, status="failed", finish_reason="image_content_policy_violation"),
        "content_filter",
    ),
    "failed for a reason nobody knows": (replace(ANSWER, status="failed", finish_reason="weather"), "unknown"),
    "filtered, which is no error": (replace(ANSWER, status="incomplete", finish_reason="content_filter"), None),
    "truncated, which is no error": (replace(ANSWER, truncated=True), None),
}


@needs("openai.resources.responses")
@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("name", RESPONSE_ENDS)
def test_a_response_that_failed_says_why_and_one_that_is_incomplete_is_no_error(
    name: str,
    kind: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    reply, category = RESPONSE_ENDS[name]

    async def ask(client: Any) -> None:
        answer = await program.get(client.responses.create(model="m", input="x", stream=kind == "streamed"))
        if kind == "streamed":
            await read(program, answer)

    server.enqueue(reply)
    with instrumented():
        using(program, "openai", server, ask)
    (span,) = telemetry.spans
    stage = "mid_stream" if kind == "streamed" else None
    said = about_the_error(span)
    assert (category, stage if category else None) == (
        said.get("firsttoken.error.category"),
        said.get("firsttoken.error.stage"),
    )


@needs("openai.resources.responses")
@pytest.mark.parametrize("after", [2, 0])
def test_an_error_event_of_responses_is_in_mid_stream(
    after: int, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def ask(client: Any) -> None:
        await read(program, await program.get(client.responses.create(model="m", input="x", stream=True)))

    server.enqueue(replace(ANSWER, error=ErrorAnswer(status=429), error_after=after))
    with instrumented():
        using(program, "openai", server, ask)
    (span,) = telemetry.spans
    assert about_the_error(span) == {
        "firsttoken.error.category": "rate_limit",
        "firsttoken.error.stage": "mid_stream",
        "firsttoken.error.code": "rate_limit_exceeded",
        "http.response.status_code": 200,
    }


def test_an_error_event_that_the_caller_reads_as_bytes_is_judged_too(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    from observe.asking import REQUESTS, resource

    async def ask(client: Any) -> None:
        manager = resource(client).with_streaming_response.create(stream=True, **REQUESTS[sdk])
        response = await program.enter(manager)
        await program.get(response.read())
        await program.leave(manager)

    server.enqueue(replace(ANSWER, error=ErrorAnswer(status=429), error_after=2))
    with instrumented():
        using(program, sdk, server, ask)
    (span,) = telemetry.spans
    said = about_the_error(span)
    assert (said["firsttoken.error.category"], said["firsttoken.error.stage"]) == ("rate_limit", "mid_stream")


def test_a_cancelled_call_is_of_that_category_and_no_error(
    sdk: str, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    from observe.program import PROGRAMS

    program, gate = PROGRAMS["async"], Gate()

    async def ask(client: Any) -> None:
        task = asyncio.ensure_future(whole(program, client))
        await asyncio.to_thread(gate.wait_until_reached)
        task.cancel()
        await asyncio.wait([task])

    with ProviderServer() as server, instrumented():
        server.enqueue(replace(ANSWER, delivery=Delivery(headers_after=gate)))
        using(program, sdk, server, ask)
    (span,) = telemetry.spans
    assert about_the_error(span) == {"firsttoken.error.category": "cancelled"}
    assert span["status"] == "UNSET"


def test_a_stream_that_the_caller_closes_has_no_category(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def ask(client: Any) -> None:
        await program.close(await opened(program, client))

    with instrumented():
        using(program, sdk, server, ask)
    (span,) = telemetry.spans
    assert about_the_error(span) == {"http.response.status_code": 200}


def test_errors_count_by_category_whatever_the_provider_calls_them(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with ProviderServer() as server, instrumented():
        for sdk in BOTH:
            server.enqueue(ErrorAnswer(status=429), ErrorAnswer(status=401))
            for _ in range(2):
                with pytest.raises(Exception, match="4"):
                    using(program, sdk, server, lambda client: whole(program, client))
    counted = sorted(
        (point["attributes"]["gen_ai.provider.name"], point["attributes"]["firsttoken.error.category"], point["value"])
        for point in telemetry.points
        if point["name"] == "firsttoken.client.errors"
    )
    assert counted == [
        ("anthropic", "auth", 1),
        ("anthropic", "rate_limit", 1),
        ("openai", "auth", 1),
        ("openai", "rate_limit", 1),
    ]
