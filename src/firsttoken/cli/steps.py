"""`--step`: how long a step of time is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from firsttoken.analyse.moment import AGO, UNITS_S

R = TypeVar("R")


def _read_step(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    del context
    if text is None:
        return None
    found = AGO.fullmatch(text.strip().lower())
    seconds = float(found[1]) * UNITS_S[found[2]] if found else 0.0
    if not 1 <= seconds < 10**9 or not seconds.is_integer():
        raise click.BadParameter(f"{text!r} is not a step such as 30s, 5m, 1h or 1d.", param=parameter)
    return int(seconds)


def step_option(command: Callable[..., R]) -> Callable[..., R]:
    """The command gets it as `step_s`, None where it was not said."""
    return click.option(
        "--step",
        "step_s",
        callback=_read_step,
        metavar="LENGTH",
        help="How long a step is, such as 30s, 5m, 1h or 1d: a round length of which there are at most 120 by default.",
    )(command)
