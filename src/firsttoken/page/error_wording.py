"""Words for what went wrong in a call: what kind of error it was, how far the call had come, and what to do."""

from __future__ import annotations

from typing import Final

from firsttoken.analyse.answers import Totals
from firsttoken.call import Attempt, Call, Category, Stage

CATEGORIES: Final = {
    Category.TIMEOUT: "timeout",
    Category.CONNECTION: "connection",
    Category.RATE_LIMIT: "rate limit",
    Category.QUOTA: "quota",
    Category.AUTH: "authentication",
    Category.PERMISSION: "permission",
    Category.NOT_FOUND: "not found",
    Category.CONTEXT_LENGTH: "context length",
    Category.BAD_REQUEST: "bad request",
    Category.OVERLOADED: "overloaded",
    Category.SERVER: "server",
    Category.CONTENT_FILTER: "content filter",
    Category.CANCELLED: "cancelled",
    Category.UNKNOWN: "unknown",
}
MEANINGS: Final = {
    Category.TIMEOUT: "Nothing came within the time limit. Trying again may help; so may a longer limit or a stream.",
    Category.CONNECTION: "There was no connection, or it was lost. Look at the network, a proxy, or the base URL.",
    Category.RATE_LIMIT: "Too many requests or tokens in too short a time. It works again after a wait.",
    Category.QUOTA: "The account has no credit or quota left. No wait helps: top it up, or raise its limit.",
    Category.AUTH: "The key or token is missing, wrong or expired.",
    Category.PERMISSION: "The key is known, but may not do this. Look at its project, and at who may use the model "
    "and from where.",
    Category.NOT_FOUND: "There is no such model, deployment, response or path for this key.",
    Category.CONTEXT_LENGTH: "The request is longer than the model or the provider takes. Shorten it, or take another "
    "model.",
    Category.BAD_REQUEST: "The provider does not accept the request as it is: sent again, it fails again.",
    Category.OVERLOADED: "The provider has more to do than it can, whoever asks. Trying again later helps.",
    Category.SERVER: "Something broke at the provider. Trying again may help.",
    Category.CONTENT_FILTER: "What was asked or answered is against the provider's rules.",
    Category.CANCELLED: "The call was called off.",
    Category.UNKNOWN: "Neither a code, nor a status, nor the class of the exception says what kind of error this was.",
}
STAGES: Final = {
    Stage.CONNECT: "before a connection stood",
    Stage.HEADERS: "before there was an answer to read",
    Stage.MID_STREAM: "after the answer had begun",
}


def category_word(category: Category) -> str:
    return CATEGORIES[category]


def category_meaning(category: Category) -> str:
    """One or two sentences: what it means, and what helps."""
    return MEANINGS[category]


def stage_meaning(stage: Stage) -> str:
    return STAGES[stage]


def attempt_result(attempt: Attempt) -> str:
    """What came of an attempt: an HTTP status, else what was raised."""
    if attempt.status_code is not None:
        return f"HTTP {attempt.status_code}"
    return (attempt.exception_type or "").rpartition(".")[2] or "no answer"


def last_result(call: Call) -> str:
    """What came of the last attempt, in the same words."""
    status = call.response.status_code
    if status is not None:
        return f"HTTP {status}"
    if call.failure is None:
        return "answered" if call.outcome == "completed" else "no answer"
    return (call.failure.exception_type or call.failure.type).rpartition(".")[2]


def errors_by_category(totals: Totals, most: int | None = None) -> str:
    """For example `2 rate limit, 1 timeout`; the most frequent first, and after `most` of them the rest as one."""
    counts = list(totals.error_categories.items())
    parts = [f"{number:,} {CATEGORIES[Category(category)]}" for category, number in counts[:most]]
    rest = sum(number for _, number in counts[len(parts) :])
    return ", ".join([*parts, *([f"{rest:,} more"] if rest else [])])
