"""What an error means that another instrumentation tells by the name of an exception, a provider's word or a status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from firsttoken.call import Category, Outcome
from firsttoken.semconv import names, own
from firsttoken.semconv.dialects.dialect import Attributes, Sent

EXCEPTION_EVENT: Final = "exception"
NOTHING_RAISED: Final[Attributes] = {}

BY_WORD: Final[Mapping[str, Category]] = {
    "APIConnectionError": Category.CONNECTION,
    "APITimeoutError": Category.TIMEOUT,
    "AuthenticationError": Category.AUTH,
    "BadRequestError": Category.BAD_REQUEST,
    "CancelledError": Category.CANCELLED,
    "ConflictError": Category.BAD_REQUEST,
    "InternalServerError": Category.SERVER,
    "KeyboardInterrupt": Category.CANCELLED,
    "NotFoundError": Category.NOT_FOUND,
    "OverloadedError": Category.OVERLOADED,
    "PermissionDeniedError": Category.PERMISSION,
    "RateLimitError": Category.RATE_LIMIT,
    "ServiceUnavailableError": Category.OVERLOADED,
    "UnprocessableEntityError": Category.BAD_REQUEST,
    "api_error": Category.SERVER,
    "authentication_error": Category.AUTH,
    "billing_error": Category.QUOTA,
    "context_length_exceeded": Category.CONTEXT_LENGTH,
    "insufficient_quota": Category.QUOTA,
    "invalid_request_error": Category.BAD_REQUEST,
    "not_found_error": Category.NOT_FOUND,
    "overloaded_error": Category.OVERLOADED,
    "permission_error": Category.PERMISSION,
    "rate_limit_error": Category.RATE_LIMIT,
    "rate_limit_exceeded": Category.RATE_LIMIT,
    "request_too_large": Category.CONTEXT_LENGTH,
    "server_error": Category.SERVER,
    "timeout_error": Category.TIMEOUT,
}
"""The SDKs' exceptions without their modules, and the words of OpenAI and Anthropic."""

BY_STATUS: Final[Mapping[int, Category]] = {
    400: Category.BAD_REQUEST,
    401: Category.AUTH,
    403: Category.PERMISSION,
    404: Category.NOT_FOUND,
    408: Category.TIMEOUT,
    413: Category.CONTEXT_LENGTH,
    429: Category.RATE_LIMIT,
    500: Category.SERVER,
    503: Category.OVERLOADED,
    529: Category.OVERLOADED,
}

STATUS: Final = re.compile(r"\bError code: ([1-5]\d\d)\b")
"""As both SDKs put it before what a provider answered."""

OUTCOMES: Final[Mapping[Category, Outcome]] = {
    Category.TIMEOUT: Outcome.TIMED_OUT,
    Category.CANCELLED: Outcome.CANCELLED,
}


def error_attributes(sent: Sent) -> dict[str, object]:
    """What went wrong, by our names: empty where the span tells of no error."""
    raised = next((moment.attributes for moment in sent.moments if moment.name == EXCEPTION_EVENT), NOTHING_RAISED)
    kind = sent.attributes.get(names.ERROR_TYPE) or raised.get(names.EXCEPTION_TYPE)
    if not isinstance(kind, str):
        return {}
    status = sent.attributes.get(names.HTTP_RESPONSE_STATUS_CODE, _status(raised.get(names.EXCEPTION_MESSAGE), sent))
    category = _category(kind, status)
    told: dict[str, object] = {names.ERROR_TYPE: kind, own.ERROR_CATEGORY: category.value}
    if status is not None:
        told[names.HTTP_RESPONSE_STATUS_CODE] = status
    if category in OUTCOMES:
        told[own.OUTCOME] = OUTCOMES[category].value
    return told


def _status(message: object, sent: Sent) -> int | None:
    said = STATUS.search(message if isinstance(message, str) else sent.status_message)
    return None if said is None else int(said[1])


def _category(kind: str, status: object) -> Category:
    known = BY_WORD.get(kind.rpartition(".")[2])
    if known is None and isinstance(status, int):
        known = BY_STATUS.get(status)
    return known or Category.UNKNOWN
