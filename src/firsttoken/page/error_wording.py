"""Words for what went wrong in a call: what kind of error it was, how far the call had come, and what to do."""

from __future__ import annotations

from typing import Final

from firsttoken.analyse.answers import Totals
from firsttoken.call import Attempt, Call, Category, Stage
from firsttoken.call.error_meaning import MEANINGS, STAGES

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
