"""What an exception says about a call, read from its structure and never from its prose."""

from __future__ import annotations

import asyncio
import re
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from firsttoken.call import Category, Failure, Outcome, Stage
from firsttoken.guard import guarded
from firsttoken.plain import encodable
from firsttoken.privacy.credentials import CREDENTIALS
from firsttoken.privacy.redaction import Redaction
from firsttoken.privacy.sighting import Sight
from firsttoken.providers.error_facts import ErrorFacts, facts_in, facts_of, kept_by
from firsttoken.providers.error_words import TIMEOUT_CLASSES
from firsttoken.providers.errors import category_of, stage_of
from firsttoken.providers.fields import get, mapping, whole
from firsttoken.providers.retry_after import retry_after_ns

CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,63}")
"""What may stand as an `error.type`: a word, so that a server cannot blow up the number of distinct values."""

PROVIDER_CODE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
"""What is kept as the provider's own code: a word, or a number."""

CREDENTIAL: Final = Sight(
    "credential",
    r"\b(?:sk|pk|rk|key|gsk|xai)-[\w\-*.]{6,}|(?i:bearer\s+)[\w\-.~+/=]{6,}|(?i:api[-_]?key[\"'=:\s]+)[\w\-*.]{6,}",
)
"""In an error, even what is short or has been masked in part: nobody needs it there."""

SIGHTS: Final = (*CREDENTIALS, CREDENTIAL)

OTHER: Final = "_OTHER"
"""The conventions' word for an error that has none."""

MESSAGE_LIMIT: Final = 1024
STACKTRACE_LIMIT: Final = 32_768
HELD_LIMIT: Final = 65_536
"""How much of a message is held until it is known what of it may be told."""

CUT_SHORT: Final = Failure(
    type="incomplete_stream",
    message="the stream ended before its final event",
    category=Category.CONNECTION,
    stage=Stage.MID_STREAM,
)
"""The connection was closed cleanly, but the answer had not come to its end."""


def outcome_of(error: BaseException) -> Outcome:
    """How a call ended that raised `error` to its caller."""
    if isinstance(error, GeneratorExit):
        return Outcome.ABANDONED
    if isinstance(error, asyncio.CancelledError) or not isinstance(error, Exception):
        return Outcome.CANCELLED
    if any(base.__name__ in TIMEOUT_CLASSES for base in type(error).__mro__):
        return Outcome.TIMED_OUT
    return Outcome.FAILED


def failure_of(error: BaseException, *, answering: bool) -> Failure:
    """All but the stack trace, and not yet `tellable`. `answering` is whether the caller had been given an answer to
    read."""
    facts = _facts(error) or ErrorFacts()
    return Failure(
        type=error_type(error),
        message=_held(_text_of(error) or ""),
        exception_type=exception_type(error),
        category=judged(facts),
        stage=_stage(facts, answering),
        code=provider_code(facts),
        retry_after_ns=_asked_to_wait(error),
    )


def as_told(failure: Failure, *, answering: bool) -> Failure:
    """A failure in the provider's own words, judged."""
    facts = ErrorFacts(words=(failure.type,), message=failure.message)
    return Failure(
        type=_word(failure.type) or OTHER,
        message=_held(failure.message),
        category=judged(facts),
        stage=Stage.MID_STREAM if answering else None,
        code=None if failure.type == OTHER else provider_code(facts),
    )


def exception_type(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def judged(facts: ErrorFacts) -> Category:
    """Never raises."""
    return _category(facts) or Category.UNKNOWN


def provider_code(facts: ErrorFacts) -> str | None:
    """The first of the provider's words that may be sent."""
    return next((word for word in facts.words if PROVIDER_CODE.fullmatch(word) and word != "error"), None)


def error_type(error: BaseException) -> str:
    """The provider's own error code, else its error type, else the exception's name with its package."""
    body = getattr(error, "body", None)
    inner = mapping(mapping(body).get("error")) or mapping(body)
    said = _word(kept_by(error, "code"), inner.get("code"), inner.get("type"), kept_by(error, "type"))
    if said is not None:
        return said
    cls = type(error)
    package = cls.__module__.partition(".")[0]
    return cls.__qualname__ if package == "builtins" else f"{package}.{cls.__qualname__}"


def failure_in(event: object) -> Failure | None:
    """What an error event tells of; None for any other event. It has an `error` on every wire."""
    said = mapping(event).get("error")
    if not said:
        return None
    error, facts = mapping(said), facts_in(event)
    return Failure(
        type=_word(error.get("code"), error.get("type")) or OTHER,
        message=_held(facts.message),
        category=judged(facts),
        stage=Stage.MID_STREAM,
        code=provider_code(facts),
    )


def socket_failure_in(event: object, *, begun: bool) -> Failure | None:
    """The same of an event on a WebSocket, which has the status and the headers of an HTTP error where it refuses a
    request. `begun` is whether the response had begun."""
    failure = failure_in(event)
    if failure is None:
        return None
    headers = {name.lower(): str(value) for name, value in mapping(get(event, "error", "headers")).items()}
    return replace(
        failure,
        category=judged(facts_in(event, whole(get(event, "status")))),
        stage=Stage.MID_STREAM if begun else Stage.HEADERS,
        retry_after_ns=retry_after_ns(headers, datetime.now(UTC)),
    )


@guarded("read what an error says")
def _facts(error: BaseException) -> ErrorFacts:
    return facts_of(error)


@guarded("judge what an error is")
def _category(facts: ErrorFacts) -> Category:
    return category_of(facts)


@guarded("see how far a call had come")
def _stage(facts: ErrorFacts, answering: bool) -> Stage | None:
    return stage_of(facts, answering=answering)


@guarded("read how long a provider asks to wait")
def _asked_to_wait(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    return None if response is None else retry_after_ns(response.headers, datetime.now(UTC))


def _word(*candidates: object) -> str | None:
    """The first that may stand as an `error.type`."""
    words = (word for word in candidates if isinstance(word, str) and CODE.fullmatch(word) and word != "error")
    return next(words, None)


def frames_of(error: BaseException) -> traceback.TracebackException:
    """The frames between the SDK's caller and the error, by name alone: nothing that ran in them is kept alive.

    Source lines are looked up when the text is made, off the caller's path.
    """
    return traceback.TracebackException.from_exception(error, lookup_lines=False, compact=True)


def stacktrace(frames: traceback.TracebackException) -> str:
    return encodable("".join(frames.format()))


@guarded("read an error's message")
def _text_of(error: BaseException) -> str:
    return str(error)


def tellable(failure: Failure, keys: tuple[str, ...]) -> Failure:
    """The failure without credentials, `keys` first of all, and its texts within bounds. Off the caller's path."""
    trace, code = failure.stacktrace, failure.code
    return replace(
        failure,
        type=_told(failure.type, MESSAGE_LIMIT, keys),
        message=_told(failure.message, MESSAGE_LIMIT, keys),
        stacktrace=None if trace is None else _told(trace, STACKTRACE_LIMIT, keys),
        code=None if code is None else _told(code, MESSAGE_LIMIT, keys),
    )


def _told(text: str, limit: int, keys: tuple[str, ...]) -> str:
    text = Redaction(SIGHTS, known=keys).seen(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _held(text: str) -> str:
    return encodable(text[:HELD_LIMIT])
