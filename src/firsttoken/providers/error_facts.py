"""What an error says of itself, as plain values: out of an exception, an error event or the body of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firsttoken.providers.fields import get, items, mapping, text, whole

WORD_PLACES: Final = (
    ("code",),
    ("details", "error_code"),
    ("innererror", "code"),
    ("type",),
    ("status",),
    ("metadata", "error_type"),
)
"""Where an error object keeps its codes, the most telling first: OpenAI, Anthropic, Azure, all, Google, OpenRouter."""

AWS_ERROR_TYPE: Final = "x-amzn-errortype"
AWS_EXCEPTION: Final = r"':exception-type': '(\w+)'"
"""How older versions of anthropic tell of an exception in a stream of Bedrock: only in the text of a ValueError."""
MOST_CAUSES: Final = 8
LONGEST_MESSAGE: Final = 4096
"""What is looked at of a message: it may be the page of a proxy."""


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """All that an error is judged by."""

    status: int | None = None
    """Of the HTTP answer."""
    words: tuple[str, ...] = ()
    """The provider's own words for it, the most telling first, as it wrote them."""
    message: str = ""
    classes: tuple[str, ...] = ()
    """Names of the exception's classes, the most derived first, then those of its cause, and so on."""


def facts_of(error: BaseException) -> ErrorFacts:
    """Of an exception, without knowing its class."""
    said = error_object(getattr(error, "body", None))
    words = words_in(said) or words_in({"code": kept_by(error, "code"), "type": kept_by(error, "type")})
    message = (text(mapping(said).get("message")) or text(said) or str(error))[:LONGEST_MESSAGE]
    return ErrorFacts(
        status=whole(getattr(error, "status_code", None)),
        words=(*words, *_words_in_headers(error), *re.findall(AWS_EXCEPTION, message)),
        message=message,
        classes=tuple(_class_names(error)),
    )


def kept_by(error: BaseException, name: str) -> object:
    """What the exception itself keeps by that name. A property of its class is nobody's word, and may warn."""
    return vars(error).get(name)


def facts_in(body: object, status: int | None = None) -> ErrorFacts:
    """Of decoded JSON: an error event, or the body of an answer."""
    said = error_object(body)
    message = text(mapping(said).get("message")) or text(said) or ""
    return ErrorFacts(status=status, words=words_in(said), message=message[:LONGEST_MESSAGE])


def error_object(body: object) -> object:
    """The part of a body that tells of the error: some wrap it in `error`, and Google that in a list."""
    first = next(iter(items(body)), body)
    return mapping(first).get("error") or first


def words_in(said: object) -> tuple[str, ...]:
    found = (get(mapping(said), *place) for place in WORD_PLACES)
    return tuple(str(word) for word in found if isinstance(word, str | int) and not isinstance(word, bool) and word)


def _words_in_headers(error: BaseException) -> Iterator[str]:
    """Amazon's, in front of a colon and an address."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    if headers is not None and (word := headers.get(AWS_ERROR_TYPE)):
        yield word.partition(":")[0]


def _class_names(error: BaseException) -> Iterator[str]:
    cause: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if cause is None:
            return
        yield from (cls.__name__ for cls in type(cause).__mro__)
        cause = cause.__cause__
