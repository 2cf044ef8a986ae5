"""Bills reckoned by hand, against what the whole way from the wire to the ledger gives: exact to the last digit."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

from firsttoken.call import Call, Ledger, Outcome, Request, Timing, Unpriced
from firsttoken.pricing import PriceBook
from firsttoken.pricing.statement import statement_of
from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.providers.openai_embeddings import OpenAIEmbeddings
from firsttoken.providers.openai_responses import OpenAIResponses
from firsttoken.providers.stated_cost import stated_cost
from firsttoken.providers.thinking import with_thinking
from firsttoken.providers.wire import Reading, Wire

Bill = dict[str, Any]

BILLS: Final[list[Bill]] = tomllib.loads((Path(__file__).parent / "bills.toml").read_text(encoding="utf-8"))["bill"]
NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
PARTS: Final = ("input", "cache_read", "cache_write", "output", "tools")
TERM: Final = re.compile(r"(\d+) x ([\d.]+)( / 1000)?")
WIRES: Final[dict[str, Wire]] = {
    "chat": OpenAIChat(),
    "responses": OpenAIResponses(),
    "embeddings": OpenAIEmbeddings(),
    "messages": AnthropicMessages(),
}
TEXT: Final = {"type": "output_text", "text": "Hi"}
ENVELOPES: Final[dict[str, dict[str, Any]]] = {
    "chat": {"choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]},
    "responses": {"status": "completed", "output": [{"type": "message", "content": [TEXT]}]},
    "embeddings": {"data": []},
    "messages": {"content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"},
}


def reckoned(terms: str) -> Fraction:
    """The sum of `count x rate` for a million, or for a thousand where it says so."""
    assert " + ".join(match.group() for match in TERM.finditer(terms)) == terms
    return sum(
        (Fraction(count) * Fraction(rate) / (1000 if per else 10**6) for count, rate, per in TERM.findall(terms)),
        Fraction(0),
    )


def read(bill: Bill) -> Reading:
    wire = WIRES[bill["api"]]
    if "events" not in bill:
        answer = {"model": bill["model"], **ENVELOPES[bill["api"]], **json.loads(bill.get("answer", "{}"))}
        return wire.read_answer(answer | {"usage": json.loads(bill["usage"])})
    tally = wire.tally()
    for event in json.loads(bill["events"]):
        tally.note(event)
    return tally.reading()


def call_of(bill: Bill, said: Reading) -> Call:
    wire = WIRES[bill["api"]]
    at: datetime = bill.get("at", NOON)
    return Call(
        request=Request(wire.operation, bill["provider"], wire.api, bill["model"], server_address=bill["provider"]),
        timing=Timing(started_unix_ns=int(at.timestamp()) * 1_000_000_000, duration_ns=1),
        outcome=Outcome.COMPLETED,
        response=said.response,
        usage=with_thinking(bill["provider"], said.usage, said.raw_usage),
        raw_usage=said.raw_usage,
    )


def name_of(bill: Bill) -> str:
    return bill["name"].replace(" ", "_")


@pytest.mark.parametrize("bill", BILLS, ids=name_of)
def test_a_bill_reckoned_by_hand_is_what_the_call_costs(bill: Bill, price_file: Any) -> None:
    book = PriceBook.load(price_file(bill["prices"]) if "prices" in bill else None)
    said = read(bill)
    call = call_of(bill, said)

    cost = stated_cost(call) or book.price(call, said.portions)

    if "unpriced" in bill:
        assert Unpriced(bill["unpriced"]) == cost
        return
    assert isinstance(cost, Ledger)
    stated = "unsplit" in bill
    expected = [None if stated else reckoned(bill.get(part, "")) for part in PARTS]
    assert expected == [None if amount is None else Fraction(amount) for amount in cost.parts]
    assert reckoned(bill.get("unsplit", "")) == Fraction(cost.unsplit)
    assert Decimal(bill["total"]) == cost.total
    assert (bill.get("currency", "USD"), bill.get("source", cost.source)) == (cost.currency, cost.source)
    if "source" not in bill:
        assert sum((line.amount for line in statement_of(call, book, said.portions).lines), Decimal(0)) == cost.total


def test_there_are_forty_bills_and_more() -> None:
    assert len([bill for bill in BILLS if "unpriced" not in bill]) >= 40
    assert len({bill["name"] for bill in BILLS}) == len(BILLS)


@pytest.mark.parametrize(
    "bill", [bill for bill in BILLS if "total" in bill], ids=lambda bill: bill["name"].replace(" ", "_")
)
def test_the_parts_of_a_bill_add_up_to_its_total(bill: Bill) -> None:
    assert sum((reckoned(bill.get(part, "")) for part in (*PARTS, "unsplit")), Fraction(0)) == Fraction(bill["total"])
