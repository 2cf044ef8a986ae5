"""From whatever a provider, an SDK or a network did to a call to the one LLMError that says the same.

What kind of error it is has been judged already, for all of our signals: see `providers/errors.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from firsttoken import errors
from firsttoken.call import Category, Failure, Response
from firsttoken.call.error_meaning import MEANINGS, STAGES
from firsttoken.errors import LLMError
from firsttoken.guard import guarded
from firsttoken.observe.failure import failure_of, tellable
from firsttoken.providers.fields import text, whole

CLASSES: Final[Mapping[Category, type[LLMError]]] = {
    Category.TIMEOUT: errors.LLMTimeoutError,
    Category.CONNECTION: errors.LLMConnectionError,
    Category.RATE_LIMIT: errors.LLMRateLimitError,
    Category.QUOTA: errors.LLMQuotaError,
    Category.AUTH: errors.LLMAuthenticationError,
    Category.PERMISSION: errors.LLMPermissionError,
    Category.NOT_FOUND: errors.LLMNotFoundError,
    Category.CONTEXT_LENGTH: errors.LLMContextWindowError,
    Category.BAD_REQUEST: errors.LLMBadRequestError,
    Category.OVERLOADED: errors.LLMOverloadedError,
    Category.SERVER: errors.LLMServerError,
    Category.CONTENT_FILTER: errors.LLMContentFilterError,
    Category.CANCELLED: errors.LLMCancelledError,
    Category.UNKNOWN: errors.LLMUnknownError,
}

FINER: Final[Mapping[tuple[Category, int | None], type[LLMError]]] = {
    (Category.BAD_REQUEST, 422): errors.LLMUnprocessableError,
}
"""Where the status says more than the category."""

TERSE: Final = frozenset({Category.BAD_REQUEST, Category.UNKNOWN})
"""Kinds of errors that say too little to act upon."""

CONFLICT: Final = 409
"""Another request holds a lock. Both SDKs send such a request again."""

SHOULD_RETRY: Final = "x-should-retry"
"""The header in which both providers say themselves whether to send a request again."""
SAID: Final[Mapping[str, bool]] = {"true": True, "false": False}

REQUEST_ID_HEADERS: Final = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id")
"""OpenAI's and most others', Anthropic's, Amazon's, Azure's."""


def llm_error(
    error: Exception, *, provider: str | None = None, answering: bool = False, response: Response | None = None
) -> LLMError:
    """The common error, with `error` as its `__cause__`; an LLMError as it is.

    `answering` is whether the caller had been given an answer to read, and `response` what is known of that answer:
    an error in the middle of a stream seldom says it. Whatever is no Exception, such as the cancelling of a task,
    is raised as it is.
    """
    if isinstance(error, LLMError):
        return error
    if not isinstance(error, Exception):  # pyright: ignore[reportUnnecessaryIsInstance]  a caller may be untyped
        raise error
    headers = _headers(error) or {}
    known = response or Response()
    common = failed(
        failure_of(error, answering=answering),
        provider=provider,
        response=Response(
            status_code=whole(getattr(error, "status_code", None)) or known.status_code,
            request_id=_request_id(headers) or known.request_id,
        ),
        should_retry=SAID.get(headers.get(SHOULD_RETRY, "")),
    )
    common.__cause__ = error
    return common


def failed(
    failure: Failure,
    *,
    provider: str | None = None,
    response: Response | None = None,
    should_retry: bool | None = None,
) -> LLMError:
    """Of an answer that itself says that it failed: there is no exception of the provider's."""
    failure, response = tellable(failure, ()), response or Response()
    status, category = response.status_code, failure.category
    cls = FINER.get((category, status)) or CLASSES[category]
    if should_retry is None and (category, status) == (Category.BAD_REQUEST, CONFLICT):
        should_retry = True
    return cls(
        f"{_where(failure, provider, response)}: {MEANINGS[category]}{_wait(failure)}{_words(failure)}",
        provider=provider,
        status=status,
        code=failure.code,
        request_id=response.request_id,
        retry_after_s=None if failure.retry_after_ns is None else failure.retry_after_ns / 1e9,
        retryable=should_retry,
        stage=None if failure.stage is None else failure.stage.value,
        provider_message=failure.message or None,
    )


def _where(failure: Failure, provider: str | None, response: Response) -> str:
    """For example `openai failed before there was an answer to read (HTTP 401, invalid_api_key, request req_7)`."""
    told = ", ".join(_told(failure, response))
    stage = "" if failure.stage is None else f" {STAGES[failure.stage]}"
    return f"{provider or 'the call'} failed{stage}" + (f" ({told})" if told else "")


def _told(failure: Failure, response: Response) -> Iterator[str]:
    if response.status_code is not None:
        yield f"HTTP {response.status_code}"
    if failure.code is not None:
        yield failure.code
    if response.request_id is not None:
        yield f"request {response.request_id}"


def _wait(failure: Failure) -> str:
    return "" if failure.retry_after_ns is None else f" The provider asks to wait {failure.retry_after_ns / 1e9:g} s."


def _words(failure: Failure) -> str:
    """Where to look for what to do, if the kind of error does not say. The words themselves may quote the request."""
    return " What was said of it is in provider_message." if failure.message and failure.category in TERSE else ""


def _request_id(headers: Mapping[str, str]) -> str | None:
    return next((value for name in REQUEST_ID_HEADERS if (value := text(headers.get(name)))), None)


@guarded("read the headers of an error")
def _headers(error: Exception) -> Mapping[str, str] | None:
    return getattr(getattr(error, "response", None), "headers", None)
