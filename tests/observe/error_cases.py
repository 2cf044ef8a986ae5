"""What providers, proxies and networks do to a call, and what kind of error each is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from firsttoken.testing import (
    Cut,
    Delivery,
    ErrorAnswer,
    Gate,
    NoAnswer,
    ProviderServer,
    RawAnswer,
    data_event,
    text_answer,
)
from firsttoken.testing.script import Reply
from observe.asking import streamed, using, whole
from observe.program import Program

ANSWER: Final = replace(text_answer("One", " two", " three"), id="answer-1")
BOTH: Final = ("openai", "anthropic")
WHOLE: Final = ("whole", "streamed")
STREAMED: Final = ("streamed",)


@dataclass(frozen=True, slots=True)
class Case:
    """What happens to a call, and what is then said of it."""

    name: str
    reply: Reply | None
    category: str
    stage: str | None = "headers"
    code: str | dict[str, str] | None = None
    """By SDK where they differ."""
    sdks: tuple[str, ...] = BOTH
    kinds: tuple[str, ...] = WHOLE
    status: int | None = None
    more: dict[str, object] = field(default_factory=dict[str, object])
    client: dict[str, Any] = field(default_factory=dict[str, Any])

    def expected(self, sdk: str) -> dict[str, object]:
        code = self.code[sdk] if isinstance(self.code, dict) else self.code
        said = {
            "firsttoken.error.category": self.category,
            "firsttoken.error.stage": self.stage,
            "firsttoken.error.code": code,
            "http.response.status_code": self.status,
            **self.more,
        }
        return {name: value for name, value in said.items() if value is not None}


def refused(name: str, status: int, category: str, said: str | dict[str, str] | None, /, **reply: Any) -> Case:
    """An answer of that status, whose code is recorded as `said`."""
    sdks = reply.pop("sdks", BOTH)
    return Case(name, ErrorAnswer(status=status, **reply), category, code=said, status=status, sdks=sdks)


def mid_stream(name: str, category: str, said: str, sdk: str, /, **error: Any) -> Case:
    """An error event after the second event of a stream, whose status is 200."""
    reply = replace(ANSWER, error=ErrorAnswer(**error), error_after=2)
    return Case(name, reply, category, "mid_stream", said, (sdk,), STREAMED, 200)


def said_by_openai(name: str, category: str, said: str | None, /, **error: object) -> Case:
    """The same with an error object that has these members and no others."""
    chunk = data_event({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": []})
    reply = RawAnswer(chunks=(chunk, data_event({"error": error})))
    return Case(name, reply, category, "mid_stream", said, ("openai",), STREAMED, 200)


INVALID: Final = "invalid_request_error"
HTML: Final = b"<html><h1>The load balancer does not like this</h1></html>"

ANTHROPIC_TABLE: Final = (
    refused("too long by its text", 400, "context_length", INVALID, message="prompt is too long: 2 > 1"),
    refused("over the context limit", 400, "context_length", INVALID, message="a + b exceed context limit: 3 > 2"),
    refused("over the window", 400, "context_length", INVALID, message="invalid params, context window exceeds limit"),
    refused("too many bytes", 400, "context_length", INVALID, message="too many total text bytes"),
    refused("request too large", 413, "context_length", "request_too_large", sdks=("anthropic",)),
    refused("413 of anybody", 413, "context_length", INVALID, sdks=("openai",)),
    refused("credit too low", 400, "quota", INVALID, message="Your credit balance is too low to access the API"),
    refused("402", 402, "quota", "billing_error", sdks=("anthropic",)),
    refused("402 of anybody", 402, "quota", INVALID, sdks=("openai",)),
    refused("blocked answer", 400, "content_filter", INVALID, message="Output blocked by content filtering policy"),
    refused("400", 400, "bad_request", INVALID),
    refused("409", 409, "bad_request", INVALID),
    refused("422", 422, "bad_request", INVALID),
    refused("500", 500, "server", {"openai": "server_error", "anthropic": "api_error"}),
    refused("envoy", 503, "server", None, content=b"upstream connect error or disconnect. reset reason: overflow"),
    refused("500 overloaded by its text", 500, "overloaded", "api_error", message="Overloaded", sdks=("anthropic",)),
    refused("529", 529, "overloaded", "overloaded_error", sdks=("anthropic",)),
    refused("504", 504, "timeout", "timeout_error", sdks=("anthropic",)),
    mid_stream("overloaded in mid-stream", "overloaded", "overloaded_error", "anthropic", status=529),
    mid_stream("server in mid-stream", "server", "api_error", "anthropic", status=500),
    mid_stream("rate in mid-stream", "rate_limit", "rate_limit_error", "anthropic", status=429),
    mid_stream(
        "too long in mid-stream", "context_length", INVALID, "anthropic", status=400, message="prompt is too long"
    ),
)
"""Credit that ran out is `quota`, a status of 409 is the request's fault on every provider, and an error event is what
its type says."""

OPENAI_TABLE: Final = (
    refused("401", 401, "auth", {"openai": "invalid_api_key", "anthropic": "authentication_error"}),
    refused(
        "403",
        403,
        "permission",
        {"openai": "unsupported_country_region_territory", "anthropic": "permission_error"},
    ),
    refused("404", 404, "not_found", {"openai": "model_not_found", "anthropic": "not_found_error"}),
    refused("429", 429, "rate_limit", {"openai": "rate_limit_exceeded", "anthropic": "rate_limit_error"}),
    refused("quota", 429, "quota", "insufficient_quota", code="insufficient_quota", sdks=("openai",)),
    refused("quota by its type", 429, "quota", "insufficient_quota", type="insufficient_quota", sdks=("anthropic",)),
    refused("balance at z.ai", 429, "quota", "1113", code="1113", message="Insufficient balance", sdks=("openai",)),
    refused("rate at z.ai", 429, "rate_limit", "1302", code="1302", sdks=("openai",)),
    refused("a load balancer's page", 400, "bad_request", None, content=HTML),
    refused("a gateway's page", 502, "server", None, content=HTML),
    refused(
        "overflow", 400, "context_length", "context_length_exceeded", code="context_length_exceeded", sdks=("openai",)
    ),
    refused("overflow by its text", 400, "context_length", INVALID, message="This model's maximum context length is 9"),
    refused("content filter", 400, "content_filter", "content_filter", code="content_filter", sdks=("openai",)),
    refused("503", 503, "overloaded", "service_unavailable_error", sdks=("openai",)),
    refused("408", 408, "timeout", INVALID),
    said_by_openai(
        "overflow in mid-stream", "context_length", None, message="Input tokens exceed the configured limit"
    ),
    said_by_openai("credit in mid-stream", "quota", None, message="You can only afford 12 tokens"),
    said_by_openai("a status as code in mid-stream", "server", "502", code=502, message="Provider returned error"),
    said_by_openai("a rate as code in mid-stream", "rate_limit", "429", code=429, message="Slow down"),
    said_by_openai("nothing known in mid-stream", "unknown", None, message="It broke"),
    mid_stream("server in mid-stream", "server", "server_error", "openai", status=500),
    Case(
        "no JSON",
        RawAnswer(chunks=(b"{broken",), content_type="application/json"),
        "server",
        None,
        kinds=("whole",),
        status=200,
    ),
)
"""On a status of 429 quota is told from rate, and an error in mid-stream is what it says it is."""


def said_by_google(name: str, status: int, category: str, said: str, message: str = "It broke.") -> Case:
    """The error of Gemini's endpoint for OpenAI's wire: a list of one object."""
    error = [{"error": {"code": status, "message": message, "status": said}}]
    return refused(name, status, category, str(status), content=json.dumps(error).encode(), sdks=("openai",))


GOOGLE_TABLE: Final = (
    said_by_google(
        "Gemini overflow",
        400,
        "context_length",
        "INVALID_ARGUMENT",
        "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
    ),
    said_by_google("Gemini 400", 400, "bad_request", "INVALID_ARGUMENT"),
    said_by_google("Gemini 401", 401, "auth", "UNAUTHENTICATED"),
    said_by_google("Gemini 403", 403, "permission", "PERMISSION_DENIED"),
    said_by_google("Gemini 404", 404, "not_found", "NOT_FOUND"),
    said_by_google("Gemini 408", 408, "timeout", "DEADLINE_EXCEEDED"),
    said_by_google("Gemini 422", 422, "bad_request", "INVALID_ARGUMENT"),
    said_by_google("Gemini 429", 429, "rate_limit", "RESOURCE_EXHAUSTED"),
    said_by_google("Gemini 402", 402, "quota", "FAILED_PRECONDITION"),
    said_by_google("Gemini 499", 499, "cancelled", "CANCELLED"),
    said_by_google("Gemini 500", 500, "server", "INTERNAL"),
    said_by_google("Gemini 502", 502, "server", "INTERNAL"),
    said_by_google("Gemini 503", 503, "overloaded", "UNAVAILABLE"),
    said_by_google("Gemini 504", 504, "timeout", "DEADLINE_EXCEEDED"),
)
"""499 is what its name says, 502 is the provider's fault, and 503 says that there is too much to do."""

NETWORK_TABLE: Final = (
    Case("nobody there", None, "connection", "connect", client={"base_url": "http://127.0.0.1:1"}),
    Case("reset", NoAnswer(), "connection"),
    Case("closed", NoAnswer(reset=False), "connection"),
    Case(
        "cut",
        replace(ANSWER, delivery=Delivery(stop_after=2, stop_by=Cut.RESET)),
        "connection",
        "mid_stream",
        kinds=STREAMED,
        status=200,
    ),
    Case(
        "ended too soon",
        replace(ANSWER, delivery=Delivery(stop_after=2, stop_by=Cut.END)),
        "connection",
        "mid_stream",
        kinds=STREAMED,
        status=200,
    ),
    Case("no event at all", RawAnswer(), "connection", "mid_stream", kinds=STREAMED, status=200),
    Case("silent", replace(ANSWER, delivery=Delivery(headers_after=Gate())), "timeout", client={"timeout": 0.05}),
    Case(
        "silent in mid-stream",
        replace(ANSWER, delivery=Delivery(before={2: Gate()})),
        "timeout",
        "mid_stream",
        kinds=STREAMED,
        status=200,
        client={"timeout": 0.2},
    ),
    Case(
        "asked to wait",
        ErrorAnswer(status=429, headers={"retry-after": "20"}),
        "rate_limit",
        code={"openai": "rate_limit_exceeded", "anthropic": "rate_limit_error"},
        status=429,
        more={"firsttoken.error.retry_after": 20.0},
    ),
)

CASES: Final = tuple(
    pytest.param(case, sdk, kind, id=f"{case.name} | {sdk} {kind}")
    for case in (*ANTHROPIC_TABLE, *OPENAI_TABLE, *GOOGLE_TABLE, *NETWORK_TABLE)
    for sdk in case.sdks
    for kind in case.kinds
)


def happening(case: Case, sdk: str, kind: str, program: Program) -> None:
    """Makes the call, in a program: what the SDK raises is raised."""
    with ProviderServer() as server:
        server.enqueue(*[case.reply] * (case.reply is not None))
        ask = {"whole": whole, "streamed": streamed}[kind]
        using(program, sdk, server, lambda client: ask(program, client), **case.client)
