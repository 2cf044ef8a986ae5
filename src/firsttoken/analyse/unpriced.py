"""Calls without a price: why, how many, and what to do about it in one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from firsttoken.analyse.columns import integer, text, text_or_none
from firsttoken.call.ledger import NOT_PRICED
from firsttoken.store import Row

CHAT_COMPLETIONS: Final = "openai.chat_completions"
CHAT_STREAM: Final = "unknown_usage of a chat stream"

NOTHING_TO_DO: Final = "nothing: "
"""How a remedy begins that is none."""
FIXES: Final[Mapping[str, str]] = {
    "unknown_model": "add to prices.toml: {entry}",
    "unknown_tier": "add to prices.toml: {entry}, tier = {tier}",
    "unknown_tool": "add to prices.toml: {entry}, web_search = ...",
    "unknown_modality": "add to prices.toml, for text and audio alike: {entry}",
    "unknown_usage": f"{NOTHING_TO_DO}the provider reported no usage that adds up",
    CHAT_STREAM: "where the call did not ask for usage: set FIRSTTOKEN_INCLUDE_USAGE=true, "
    "or stream_options={{'include_usage': True}} in it",
    "unknown_cache": "observe the program with firsttoken: what sent the calls does not tell which tokens were cached",
    "partial_usage": f"{NOTHING_TO_DO}the stream was cut before the final counts",
    "no_price_list": "pip install 'firsttoken[prices]' where the calls are made",
    "price_error": "set the log level of firsttoken.pricing to debug where the calls are made, and report what it says",
    NOT_PRICED: "nobody tried: pip install 'firsttoken[prices]' where the calls are made or received",
}
"""By the reason of `Unpriced`."""
UNHEARD_OF: Final = "firsttoken does not know this reason: ask who sent the calls"


@dataclass(frozen=True, slots=True)
class UnpricedCalls:
    """Calls that should have a price and have none, all for one reason."""

    reason: str
    """That of `Unpriced`, or `not_priced` where nobody tried."""
    provider: str
    model: str | None
    calls: int
    fix: str
    """What to do so that the next such call has a price."""


def unpriced_calls(rows: Iterable[Row]) -> tuple[UnpricedCalls, ...]:
    """Of the rows of `queries/cost_unpriced.sql`: those with one remedy taken together, most calls first."""
    found: dict[UnpricedCalls, int] = {}
    for row in rows:
        alike = UnpricedCalls(text(row, "reason"), text(row, "provider"), text_or_none(row, "model"), 0, fix_of(row))
        found[alike] = found.get(alike, 0) + integer(row, "calls")
    return tuple(replace(alike, calls=calls) for alike, calls in sorted(found.items(), key=lambda item: -item[1]))


def fix_of(row: Row) -> str:
    """What to do so that the next such call has a price, in one line. The row has `reason`, `provider`, `model`, `api`,
    `stream` and `tier`."""
    reason = text(row, "reason")
    if reason == "unknown_usage" and row["stream"] and row["api"] == CHAT_COMPLETIONS:
        reason = CHAT_STREAM
    return FIXES.get(reason, UNHEARD_OF).format(entry=_entry(row), tier=_quoted(text_or_none(row, "tier") or "..."))


def _entry(row: Row) -> str:
    """Of a price file, for this model."""
    model, provider = text_or_none(row, "model"), text(row, "provider")
    return f"[[price]] model = {_quoted(model or '*')}, provider = {_quoted(provider)}, input = ..., output = ..."


def _quoted(name: str) -> str:
    """As TOML wants it."""
    return json.dumps(name, ensure_ascii=False)
