"""`--max-age` and `--max-size`: for how long and how much a store keeps."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click

from firsttoken.analyse.moment import AGO, UNITS_S

R = TypeVar("R")
T = TypeVar("T")

SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?", re.IGNORECASE)
FACTORS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12} | {
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
LEAST_BYTES: Final = 16_000_000
"""An empty store needs some room for itself."""


def age_s(text: str) -> float:
    """Seconds, said as 90s, 30m, 12h, 7d or 2w. Raises ValueError."""
    found = AGO.fullmatch(text.strip().lower())
    seconds = float(found[1]) * UNITS_S[found[2]] if found else 0.0
    if not 0 < seconds < 10**10:
        raise ValueError(f"{text!r} is not an age such as 12h, 7d or 4w")
    return seconds


def size_bytes(text: str) -> int:
    """Said as 500MB, 2GB or 1.5GiB. Raises ValueError."""
    found = SIZE.fullmatch(text.strip())
    size = round(float(found[1]) * FACTORS[(found[2] or "").lower()]) if found else 0
    if size < LEAST_BYTES:
        raise ValueError(f"{text!r} is not a size of 16MB or more, such as 500MB or 2GB")
    return size


def _read_by(read: Callable[[str], T]) -> Callable[[click.Context, click.Parameter, str | None], T | None]:
    def callback(context: click.Context, parameter: click.Parameter, text: str | None) -> T | None:
        del context
        try:
            return None if text is None else read(text)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param=parameter) from None

    return callback


@dataclass(frozen=True, slots=True)
class Kept:
    """What the two options say: the fields of `store.Limits`, which a command has before it loads the store."""

    max_age_s: float | None = None
    max_size_bytes: int | None = None


KEEP_ALL: Final = Kept()


def limit_options(command: Callable[..., R]) -> Callable[..., R]:
    """The command gets them as `kept`."""

    @click.option(
        "--max-age",
        callback=_read_by(age_s),
        metavar="AGE",
        envvar="FIRSTTOKEN_MAX_AGE",
        show_envvar=True,
        help="Traces older than that go, such as 12h, 7d or 4w. Default: all are kept.",
    )
    @click.option(
        "--max-size",
        callback=_read_by(size_bytes),
        metavar="SIZE",
        envvar="FIRSTTOKEN_MAX_SIZE",
        show_envvar=True,
        help="The oldest traces go when the store uses more than that, such as 500MB or 2GB. Default: no limit.",
    )
    @functools.wraps(command)
    def with_limits(*, max_age: float | None, max_size: int | None, **others: Any) -> R:
        return command(kept=Kept(max_age, max_size), **others)

    return with_limits
