"""How much of its rate limits a provider has left, from the headers of its answer.

Source: OpenAI, "Rate limits in headers", which most compatible servers follow; Anthropic, "Rate limits", response
headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Final

from firsttoken.call import RateLimits
from firsttoken.providers.retry_after import LONGEST_S, moment_in

LONGEST_VALUE: Final = 40
COUNT: Final = re.compile(rb"\d{1,15}")
UNITS_S: Final = {b"d": 86_400.0, b"h": 3_600.0, b"m": 60.0, b"s": 1.0, b"ms": 1e-3, b"us": 1e-6, b"ns": 1e-9}
STEP: Final = re.compile(rb"(\d{1,12}(?:\.\d{1,12})?)(ms|us|ns|[dhms])")
DURATION: Final = re.compile(rb"(?:" + STEP.pattern + rb")+")
"""Such as `6m0s`, `1s` or `59.7ms`."""
DATE: Final = b"date"


def _header_names() -> Iterator[tuple[bytes, str]]:
    """`x-ratelimit-limit-requests` and `anthropic-ratelimit-requests-limit`, and the field that each is about."""
    for field in fields(RateLimits):
        kind, _, fact = field.name.removesuffix("_ns").rpartition("_")
        kind = kind.replace("_", "-")
        yield f"x-ratelimit-{fact}-{kind}".encode(), field.name
        yield f"anthropic-ratelimit-{kind}-{fact}".encode(), field.name


FIELDS: Final = dict(_header_names())


def rate_limits_of(headers: Iterable[tuple[bytes, bytes]], answered: datetime) -> RateLimits | None:
    """None where nothing is told that can be understood. `answered` is when the answer came, by our clock."""
    told = {name: value for sent, value in headers if (name := sent.lower()) in FIELDS or name == DATE}
    found: dict[str, int] = {}
    for name, value in told.items():
        if (
            name != DATE
            and len(value) <= LONGEST_VALUE
            and (number := _number(name, value, told, answered)) is not None
        ):
            found[FIELDS[name]] = number
    return RateLimits(**found) if found else None


def _number(name: bytes, value: bytes, told: dict[bytes, bytes], answered: datetime) -> int | None:
    value = value.strip()
    if not FIELDS[name].endswith("_ns"):
        return int(value) if COUNT.fullmatch(value) else None
    if DURATION.fullmatch(value):
        return _nanoseconds(sum(float(amount) * UNITS_S[unit] for amount, unit in STEP.findall(value)))
    moment = _moment(value)
    if moment is None:
        return None
    # By the provider's own clock, where it tells: ours may be wrong.
    now = moment_in(told.get(DATE, b"").decode("latin-1")) or answered
    return _nanoseconds(max((moment - now).total_seconds(), 0.0))


def _nanoseconds(seconds: float) -> int | None:
    return round(seconds * 1e9) if seconds <= LONGEST_S else None


def _moment(value: bytes) -> datetime | None:
    """RFC 3339, which names a zone."""
    try:
        moment = datetime.fromisoformat(value.decode("ascii"))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment
