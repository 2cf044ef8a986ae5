"""Calls to be priced, with only the fields that a price depends on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firsttoken.call import Call, Outcome, Parameters, Request, Response, Timing, Usage

NOVEMBER = datetime(2026, 11, 22, 12, tzinfo=UTC)

CallMaker = Callable[..., Call]
PriceFile = Callable[[str], Path]


def _call(
    model: str | None = "claude-sonnet-5",
    provider: str = "anthropic",
    /,
    *,
    usage: Usage | None = None,
    at: datetime = NOVEMBER,
    asked_tier: str | None = None,
    **response: str,
) -> Call:
    return Call(
        request=Request("chat", provider, "test", model, parameters=Parameters(service_tier=asked_tier)),
        timing=Timing(started_unix_ns=int(at.timestamp()) * 1_000_000_000, duration_ns=1),
        outcome=Outcome.COMPLETED,
        response=Response(**response),  # pyright: ignore[reportArgumentType]
        usage=usage,
    )


@pytest.fixture(scope="session")
def make_call() -> CallMaker:
    return _call


@pytest.fixture
def price_file(tmp_path: Path) -> PriceFile:
    def write(text: str) -> Path:
        path = tmp_path / "prices.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
