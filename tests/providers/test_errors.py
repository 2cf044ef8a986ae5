"""Errors of every provider are judged alike: by their words, their status, their classes, and by prose last."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import OPENAI_HTTP as HTTP

from firsttoken.call import Category, Stage
from firsttoken.providers.error_facts import ErrorFacts, facts_in, facts_of
from firsttoken.providers.error_words import BROAD_WORDS, PHRASES, PRECISE_WORDS
from firsttoken.providers.errors import category_of, stage_of

BODIES = {
    "openai rate limit": (429, {"error": {"type": "tokens", "code": "rate_limit_exceeded"}}, "rate_limit"),
    "openai quota": (429, {"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}, "quota"),
    "openai key": (401, {"error": {"type": "invalid_request_error", "code": "invalid_api_key"}}, "auth"),
    "openai country": (403, {"error": {"code": "unsupported_country_region_territory"}}, "permission"),
    "openai model": (404, {"error": {"type": "invalid_request_error", "code": "model_not_found"}}, "not_found"),
    "openai overflow": (400, {"error": {"code": "context_length_exceeded"}}, "context_length"),
    "openai image": (400, {"error": {"code": "content_policy_violation"}}, "content_filter"),
    "openai parameter": (400, {"error": {"type": "invalid_request_error", "code": None}}, "bad_request"),
    "a status says more than a broad word": (401, {"error": {"type": "invalid_request_error"}}, "auth"),
    "a status says more than the server's word": (503, {"error": {"type": "server_error"}}, "overloaded"),
    "openai slow down": (503, {"error": {"code": "slow_down"}}, "overloaded"),
    "azure filter": (
        400,
        {"error": {"code": "BadRequest", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
        "content_filter",
    ),
    "azure deployment": (404, {"error": {"code": "DeploymentNotFound"}}, "not_found"),
    "anthropic billing": (402, {"type": "error", "error": {"type": "billing_error"}}, "quota"),
    "anthropic spend limit": (
        429,
        {"error": {"type": "rate_limit_error", "details": {"error_code": "enforced_spend_limit_reached"}}},
        "quota",
    ),
    "anthropic too large": (413, {"type": "error", "error": {"type": "request_too_large"}}, "context_length"),
    "anthropic overloaded": (529, {"type": "error", "error": {"type": "overloaded_error"}}, "overloaded"),
    "anthropic inner": (500, {"type": "error", "error": {"type": "api_error"}}, "server"),
    "anthropic time": (504, {"type": "error", "error": {"type": "timeout_error"}}, "timeout"),
    "anthropic in a stream": (200, {"type": "error", "error": {"type": "overloaded_error"}}, "overloaded"),
    "z.ai balance": (429, {"error": {"code": "1113", "message": "Insufficient balance"}}, "quota"),
    "z.ai rate": (429, {"error": {"code": "1302", "message": "High concurrency"}}, "rate_limit"),
    "z.ai parameter": (400, {"error": {"code": "1210", "message": "API call parameters are wrong"}}, "bad_request"),
    "moonshot overloaded": (429, {"error": {"type": "engine_overloaded_error"}}, "overloaded"),
    "google": (429, [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}], "rate_limit"),
    "google in a stream": (200, [{"error": {"code": 503, "status": "UNAVAILABLE"}}], "overloaded"),
    "openrouter credits": (402, {"error": {"code": 402, "message": "Insufficient credits"}}, "quota"),
    "openrouter in a stream": (200, {"error": {"code": 502, "message": "Provider returned error"}}, "server"),
    "llama.cpp overflow": (400, {"error": {"type": "exceed_context_size_error", "code": 400}}, "context_length"),
    "vllm overflow": (
        400,
        {
            "object": "error",
            "type": "BadRequestError",
            "code": 400,
            "message": "This model's maximum context length is",
        },
        "context_length",
    ),
    "ollama": (404, {"error": "model 'x' not found"}, "not_found"),
    "bedrock": (429, {"__type": "ThrottlingException", "message": "Too many tokens"}, "rate_limit"),
    "proxy page": (502, "<html><h1>502 Bad Gateway</h1></html>", "server"),
    "nothing at all": (None, None, "unknown"),
    "a list of nothing": (None, [], "unknown"),
    "words of another kind": (None, {"error": {"code": ["a"], "type": {"b": 1}, "message": 5}}, "unknown"),
    "a word that is nobody's": (None, {"error": {"code": "weather"}}, "unknown"),
    "a success is no error": (200, {"error": {"code": 200}}, "unknown"),
}
"""Status, decoded body, category."""

STATUSES = {
    400: "bad_request",
    401: "auth",
    402: "quota",
    403: "permission",
    404: "not_found",
    405: "bad_request",
    408: "timeout",
    409: "bad_request",
    413: "context_length",
    422: "bad_request",
    429: "rate_limit",
    499: "cancelled",
    500: "server",
    502: "server",
    503: "overloaded",
    504: "timeout",
    524: "timeout",
    529: "overloaded",
    599: "server",
}

TEXTS = {
    "Your request exceeds the context window of this model": "context_length",
    "This model's maximum context length is 8192 tokens": "context_length",
    "Error: context_length_exceeded": "context_length",
    "Input tokens exceed the configured limit of 272000 tokens": "context_length",
    "The input exceeds the maximum allowed input length": "context_length",
    "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).": "context_length",
    "prompt is too long: 210000 tokens > 200000 maximum": "context_length",
    "input length and max_tokens exceed context limit": "context_length",
    "invalid params, context window exceeds limit": "context_length",
    "messages: too many total text bytes": "context_length",
    "Request exceeds the maximum size": "context_length",
    "insufficient credits": "quota",
    "This request requires more credits, or fewer max_tokens": "quota",
    "Add more credits": "quota",
    "You exceeded your current quota, please check your plan and billing details": "quota",
    "You've exceeded your budget": "quota",
    "Billing: the hard limit has been reached": "quota",
    "You requested up to 65536 tokens, but can only afford 312": "quota",
    "Your credit balance is too low to access the Anthropic API": "quota",
    "Output blocked by content filtering policy": "content_filter",
    "something else is wrong": "bad_request",
}

CLASSES = [
    (HTTP.ConnectTimeout("x"), "timeout", "connect"),
    (HTTP.PoolTimeout("x"), "timeout", "connect"),
    (HTTP.ReadTimeout("x"), "timeout", "headers"),
    (HTTP.WriteTimeout("x"), "timeout", "headers"),
    (HTTP.ConnectError("x"), "connection", "connect"),
    (HTTP.ProxyError("x"), "connection", "connect"),
    (HTTP.ReadError("x"), "connection", "headers"),
    (HTTP.WriteError("x"), "connection", "headers"),
    (HTTP.RemoteProtocolError("x"), "connection", "headers"),
    (TimeoutError(), "timeout", "headers"),
    (ConnectionRefusedError(), "connection", "connect"),
    (ConnectionResetError(), "connection", "headers"),
    (ssl.SSLCertVerificationError(), "connection", "connect"),
    (socket.gaierror(), "connection", "connect"),
    (asyncio.CancelledError(), "cancelled", None),
    (KeyboardInterrupt(), "cancelled", None),
    (json.JSONDecodeError("x", "", 0), "server", None),
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), "server", None),
    (TypeError("Could not resolve authentication method. Expected one of api_key"), "auth", None),
    (RuntimeError("Could not resolve AWS credentials from session"), "auth", None),
    (ValueError("expected 200: {'headers': {':exception-type': 'throttlingException'}}"), "rate_limit", None),
    (ValueError("expected 200: {'headers': {':exception-type': 'modelStreamErrorException'}}"), "server", None),
    (ValueError("Streaming is required for operations that may take longer than 10 minutes"), "bad_request", None),
    (ValueError("Streaming is strongly recommended for operations that may take longer"), "bad_request", None),
    (TypeError("Missing required arguments; Expected either ('messages' and 'model')"), "bad_request", None),
    (TypeError("create() got an unexpected keyword argument 'max_token'"), "bad_request", None),
    (RuntimeError("Cannot send a request, as the client has been closed."), "bad_request", None),
    (ValueError("x"), "unknown", None),
]


@pytest.mark.parametrize("name", BODIES)
def test_a_body_says_what_it_is(name: str) -> None:
    status, body, category = BODIES[name]
    assert category == category_of(facts_in(body, status))


@pytest.mark.parametrize("status", STATUSES)
def test_without_a_word_the_status_decides(status: int) -> None:
    assert STATUSES[status] == category_of(ErrorFacts(status=status))


@pytest.mark.parametrize("message", TEXTS)
@pytest.mark.parametrize("status", [400, None])
def test_prose_helps_where_structure_says_little(message: str, status: int | None) -> None:
    words = ("invalid_request_error",) if status else ()
    expected = TEXTS[message] if status or TEXTS[message] != "bad_request" else "unknown"
    assert expected == category_of(ErrorFacts(status=status, words=words, message=message))


@pytest.mark.parametrize("message", TEXTS)
@pytest.mark.parametrize("word", ["invalid_api_key", "overloaded_error", "model_not_found", "rate_limit_exceeded"])
def test_prose_never_overrules_a_precise_word(message: str, word: str) -> None:
    assert PRECISE_WORDS[word] == category_of(ErrorFacts(status=400, words=(word,), message=message))


@pytest.mark.parametrize(
    ("status", "message", "category"),
    [
        (500, "Overloaded", "overloaded"),
        (503, "upstream connect error or disconnect/reset before headers. reset reason: overflow", "server"),
        (500, "upstream connect error or disconnect/reset before headers. reset reason: overflow", "server"),
        (429, "You exceeded your current quota", "quota"),
        (403, "Your input was flagged", "content_filter"),
        (401, "Your credit balance is too low", "auth"),
    ],
)
def test_prose_makes_a_status_more_precise(status: int, message: str, category: str) -> None:
    assert category == category_of(ErrorFacts(status=status, message=message))


@pytest.mark.parametrize(("error", "category", "stage"), CLASSES, ids=lambda value: type(value).__qualname__)
def test_an_exception_is_known_by_the_names_of_its_classes(
    error: BaseException, category: str, stage: str | None
) -> None:
    facts = facts_of(error)
    assert (category, stage) == (category_of(facts), stage_of(facts, answering=False))


def test_amazon_names_an_error_in_a_header() -> None:
    error = RuntimeError("Bad request")
    error.status_code = 400  # type: ignore[attr-defined]
    error.response = HTTP.Response(400, headers={"x-amzn-errortype": "ThrottlingException:http://a/"})  # type: ignore[attr-defined]
    assert category_of(facts_of(error)) == Category.RATE_LIMIT


def test_the_classes_of_aiohttp_are_known_too() -> None:
    aiohttp = pytest.importorskip("aiohttp")
    errors = aiohttp.ServerDisconnectedError(), aiohttp.ServerTimeoutError(), aiohttp.ClientPayloadError()
    assert [category_of(facts_of(error)) for error in errors] == ["connection", "timeout", "connection"]


@pytest.mark.parametrize("cause", [HTTP.ConnectError("x"), ConnectionRefusedError()])
def test_the_cause_of_an_exception_says_how_far_it_came(cause: Exception) -> None:
    class APIConnectionError(Exception):
        pass

    error = APIConnectionError()
    error.__cause__ = cause
    facts = facts_of(error)
    assert (category_of(facts), stage_of(facts, answering=False)) == (Category.CONNECTION, Stage.CONNECT)


def test_a_chain_of_causes_may_be_a_ring() -> None:
    first, second = ValueError("first"), TimeoutError("second")
    first.__cause__, second.__cause__ = second, first
    assert category_of(facts_of(first)) == Category.TIMEOUT


def test_whatever_happens_once_the_answer_has_begun_is_in_mid_stream() -> None:
    for error, *_ in CLASSES:
        assert stage_of(facts_of(error), answering=True) == Stage.MID_STREAM


@pytest.mark.parametrize("status", STATUSES)
def test_a_refusal_comes_with_the_headers(status: int) -> None:
    assert stage_of(ErrorFacts(status=status), answering=False) == Stage.HEADERS


@pytest.mark.parametrize("spelling", ["Rate-Limit-Exceeded", "RATE_LIMIT_EXCEEDED", " rate limit exceeded "])
def test_a_word_may_be_spelt_in_other_ways(spelling: str) -> None:
    assert category_of(ErrorFacts(words=(spelling,))) == Category.RATE_LIMIT


def test_no_word_has_two_meanings() -> None:
    assert not PRECISE_WORDS.keys() & BROAD_WORDS.keys()
    assert all(word == word.casefold() and "-" not in word for word in PRECISE_WORDS | BROAD_WORDS)


def test_every_category_can_be_found() -> None:
    found = {*PRECISE_WORDS.values(), *BROAD_WORDS.values(), *(phrase.category for phrase in PHRASES)}
    assert {*Category} - {Category.CONNECTION, Category.UNKNOWN} == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "code", "type", "message", "details", "status"]), inner)
    ),
    max_leaves=8,
)


@given(body=JSON, status=st.none() | st.integers())
def test_no_body_makes_judging_raise(body: object, status: int | None) -> None:
    facts = facts_in(body, status)
    assert category_of(facts) in Category
    assert stage_of(facts, answering=False) in (None, Stage.HEADERS)
