"""A provider's errors: as HTTP replies, once and then no more, and in the middle of a stream."""

from __future__ import annotations

from dataclasses import replace

import anthropic
import openai
import pytest

from firsttoken.testing import ErrorAnswer, ProviderServer, text_answer
from testing.callers import (
    ANTHROPIC,
    ANTHROPIC_STREAMS,
    CALLERS,
    MESSAGES,
    OPENAI,
    OPENAI_STREAM,
    OPENAI_STREAMS,
    STREAMS,
    Caller,
    anthropic_client,
    anthropic_whole,
    openai_client,
    openai_whole,
)

PAGE = b"<html><h1>502 Bad Gateway</h1></html>"
OPENAI_ERRORS = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}
ANTHROPIC_ERRORS = {
    400: (anthropic.BadRequestError, "invalid_request_error"),
    401: (anthropic.AuthenticationError, "authentication_error"),
    403: (anthropic.PermissionDeniedError, "permission_error"),
    404: (anthropic.NotFoundError, "not_found_error"),
    413: (anthropic.RequestTooLargeError, "request_too_large"),
    429: (anthropic.RateLimitError, "rate_limit_error"),
    500: (anthropic.InternalServerError, "api_error"),
    529: (anthropic.OverloadedError, "overloaded_error"),
}


@pytest.mark.parametrize("status", OPENAI_ERRORS)
def test_openai_raises_the_class_of_the_status(server: ProviderServer, status: int) -> None:
    server.enqueue(ErrorAnswer(status=status, message="Too bad.", type="a_type", code="a_code", param="model"))
    with pytest.raises(OPENAI_ERRORS[status]) as raised:
        openai_whole(server)
    error = raised.value
    assert (error.type, error.code, error.param, error.body) == (
        "a_type",
        "a_code",
        "model",
        {"message": "Too bad.", "type": "a_type", "code": "a_code", "param": "model"},
    )
    assert error.request_id == f"req_{server.requests[0].serial}"


@pytest.mark.parametrize("status", ANTHROPIC_ERRORS)
def test_anthropic_raises_the_class_of_the_status(server: ProviderServer, status: int) -> None:
    kind, name = ANTHROPIC_ERRORS[status]
    server.enqueue(ErrorAnswer(status=status, message="Too bad."))
    with pytest.raises(kind) as raised:
        anthropic_whole(server)
    request_id = f"req_{server.requests[0].serial}"
    assert raised.value.request_id == request_id
    assert raised.value.body == {
        "type": "error",
        "error": {"type": name, "message": "Too bad."},
        "request_id": request_id,
    }


@pytest.mark.parametrize("caller", CALLERS)
def test_a_body_that_is_not_json_is_passed_on_as_it_is(server: ProviderServer, caller: Caller) -> None:
    server.enqueue(ErrorAnswer(status=502, content=PAGE))
    with pytest.raises((openai.InternalServerError, anthropic.InternalServerError)) as raised:
        caller(server)
    assert raised.value.response.content == PAGE
    assert raised.value.response.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("headers", [{"retry-after-ms": "1"}, {"Retry-After": "0.001"}])
@pytest.mark.parametrize("status", [429, 503])
def test_a_client_that_retries_succeeds_and_counts_its_tries(
    server: ProviderServer, status: int, headers: dict[str, str]
) -> None:
    limited = ErrorAnswer(status=status, headers=headers)
    server.enqueue(limited, limited, text_answer("Hi"), limited, text_answer("Hi"))
    with openai_client(server) as gpt, anthropic_client(server) as claude:
        assert gpt.chat.completions.create(**OPENAI).choices[0].message.content == "Hi"
        assert len(claude.messages.create(**ANTHROPIC).content) == 1
    assert [request.retry_count for request in server.requests] == [0, 1, 2, 0, 1]


def test_a_client_that_is_told_not_to_retry_does_not(server: ProviderServer) -> None:
    server.enqueue(ErrorAnswer(status=500, headers={"x-should-retry": "false"}))
    with openai_client(server, max_retries=5) as client, pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    assert len(server.requests) == 1


@pytest.mark.parametrize("caller", OPENAI_STREAMS)
@pytest.mark.parametrize("after", [0, 3])
def test_an_error_in_a_chat_stream_is_an_api_error_without_a_status(
    server: ProviderServer, caller: Caller, after: int
) -> None:
    failed = ErrorAnswer(status=503, message="Overloaded.", code="overloaded")
    server.enqueue(replace(text_answer("Hi"), error=failed, error_after=after))
    with pytest.raises(openai.APIError, match="Overloaded") as raised:
        caller(server)
    assert (type(raised.value), raised.value.code) == (openai.APIError, "overloaded")
    assert server.wait_until_settled()[0].chunks_sent == after + 1


@pytest.mark.parametrize("caller", ANTHROPIC_STREAMS)
@pytest.mark.parametrize("after", [0, 3])
def test_an_error_in_a_message_stream_is_a_status_error_with_status_200(
    server: ProviderServer, caller: Caller, after: int
) -> None:
    server.enqueue(replace(text_answer("Hi"), error=ErrorAnswer(status=529), error_after=after))
    with pytest.raises(anthropic.APIStatusError) as raised:
        caller(server)
    assert (raised.value.status_code, raised.value.type) == (200, "overloaded_error")


@pytest.mark.parametrize("caller", STREAMS)
def test_an_answer_that_breaks_off_opens_like_one_that_does_not(server: ProviderServer, caller: Caller) -> None:
    server.enqueue(replace(text_answer("Hi"), error=ErrorAnswer(), error_after=2))
    with pytest.raises((openai.APIError, anthropic.APIError)):
        caller(server)
    assert server.requests[0].body["stream"] is True


@pytest.mark.parametrize("caller", set(CALLERS) - set(STREAMS))
def test_a_whole_answer_that_would_break_off_is_an_http_error(server: ProviderServer, caller: Caller) -> None:
    server.enqueue(replace(text_answer("Hi"), error=ErrorAnswer(status=500), error_after=2))
    with pytest.raises((openai.InternalServerError, anthropic.InternalServerError)):
        caller(server)


def test_headers_of_a_reply_reach_the_caller(server: ProviderServer) -> None:
    server.enqueue(replace(text_answer("Hi"), headers={"X-Ratelimit-Remaining-Requests": "7"}))
    with openai_client(server) as client:
        raw = client.chat.completions.with_raw_response.create(**OPENAI_STREAM)
    assert raw.headers["x-ratelimit-remaining-requests"] == "7"
    assert raw.request_id == f"req_{server.requests[0].serial}"
