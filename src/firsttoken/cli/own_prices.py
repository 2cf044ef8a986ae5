"""`--prices`: prices of one's own, for what a command works out anew."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

R = TypeVar("R")


def prices_option(command: Callable[..., R]) -> Callable[..., R]:
    """The command gets the file's entries as `prices`. Raises SettingsError for one that cannot be understood."""

    @click.option(
        "--prices",
        "prices_file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="FIRSTTOKEN_PRICES",
        show_envvar=True,
        metavar="FILE",
        help="Prices of your own (TOML), for what is worked out anew. They come before the price list.",
    )
    @functools.wraps(command)
    def with_prices(*, prices_file: Path | None, **others: Any) -> R:
        from firsttoken.pricing.override_file import read_overrides

        return command(prices=() if prices_file is None else read_overrides(prices_file), **others)

    return with_prices
