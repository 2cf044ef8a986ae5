"""Calls of known users and features, with known costs and times, for the views of some calls over some time."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from decimal import Decimal

from firsttoken.call import Call, CallContext, Category, Failure, Ledger, Outcome, Stage, Unpriced

from .samples import MS, NOON_NS, STREAMED
from .site import Answer, Site, ids

HOUR_NS = 3_600_000 * MS
TAGS = re.compile(r"<[^>]*>")


def paid(amount: str, currency: str = "USD") -> Ledger:
    nothing = Decimal(0)
    return Ledger(nothing, nothing, nothing, Decimal(amount), currency=currency, source="genai-prices 0.2.3")


def a_call(
    number: int,
    *,
    user: str | None = None,
    feature: str | None = None,
    model: str = "gpt-5.1",
    cost: str | None = "1",
    first_token_ms: int = 400,
    gap_ms: int = 100,
    hours: int = 0,
    failed: bool = False,
) -> Call:
    """The calls of one number and hour start one after the other, a millisecond apart."""
    context = CallContext(user_id=user, more={} if feature is None else {"feature": feature})
    call = replace(
        STREAMED,
        request=replace(STREAMED.request, model=model, context=context),
        response=replace(STREAMED.response, id=f"r-{number}-{hours}", model=model),
        timing=replace(
            STREAMED.timing,
            started_unix_ns=NOON_NS + hours * HOUR_NS + number * MS,
            first_token_ns=first_token_ms * MS,
            duration_ns=(first_token_ms + 2_000) * MS,
            last_chunk_ns=(first_token_ms + 1_990) * MS,
            largest_gap_ns=gap_ms * MS,
        ),
        cost=Unpriced("unknown_model") if cost is None else paid(cost),
    )
    if not failed:
        return call
    failure = Failure("overloaded", "Too much to do.", category=Category.OVERLOADED, stage=Stage.MID_STREAM)
    return replace(call, outcome=Outcome.FAILED, failure=failure)


SPENDERS = (
    a_call(1, user="ann", feature="search", cost="3"),
    a_call(2, user="ann", feature="chat", cost="4.5", gap_ms=7_000),
    a_call(3, user="bob", feature="search", cost="2", first_token_ms=900),
    a_call(4, user="bob", cost=None, model="llama-local"),
    a_call(5, cost="0.25", failed=True),
)


def shown(answer: Answer) -> str:
    """What a reader sees of a page that was found, with single spaces."""
    assert answer.status == 200, answer.text
    return words(answer.text)


def words(page: str) -> str:
    return " ".join(html.unescape(TAGS.sub(" ", page)).replace("\N{NO-BREAK SPACE}", " ").split())


def links(page: str, text: str) -> list[str]:
    """Where every link with these words leads."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return [html.unescape(address) for address, inside in found if words(inside) == text]


def calls_at(site: Site, address: str) -> list[tuple[str, str]]:
    """The calls that the list there shows, the newest first."""
    answer = site.get(address)
    assert answer.status == 200, answer.text
    return re.findall(r'data-key="([0-9a-f]{32})/([0-9a-f]{16})"', answer.text)


def keys(*calls: Call) -> list[tuple[str, str]]:
    """The same of these calls."""
    newest_first = sorted(calls, key=lambda call: call.timing.started_unix_ns, reverse=True)
    return [ids(call) for call in newest_first]
