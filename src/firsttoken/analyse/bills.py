"""The ledger: every line of every call's bill. Its amounts add up to the recorded costs, to the last digit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.billed import billed_call
from firsttoken.analyse.bunches import COLUMNS
from firsttoken.analyse.costs import CostOptions
from firsttoken.analyse.options import Group
from firsttoken.analyse.watching import advance
from firsttoken.call import Call, Ledger, Unpriced
from firsttoken.call.ledger import PARTS
from firsttoken.pricing import PriceBook
from firsttoken.pricing.billing import Bill, bill_of
from firsttoken.pricing.invoice import PARTS as PART_OF
from firsttoken.pricing.invoice import Line
from firsttoken.pricing.statement import Statement, statement_of
from firsttoken.store import Reader, Selection

SHOWN: Final = ("trace_id", "span_id", "service", "user_id", "session_id", "response_id", "request_id", "provider")
"""Columns that a line shows as they are."""
KINDS: Final = tuple(PART_OF)
"""In the order of a bill."""
BATCH: Final = 10_000
UNPRICED: Final = "unpriced"
UNSPLIT: Final = "unsplit"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerOptions(CostOptions):
    """The same as for the sums."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of one call's bill; or the whole call, where it has no price."""

    group: Group
    started: str
    """ISO 8601, in UTC."""
    trace_id: str
    span_id: str
    service: str
    user_id: str | None
    session_id: str | None
    response_id: str | None
    request_id: str | None
    """The provider's."""
    provider: str
    model: str | None
    """The one that answered, else the one asked for."""
    kind: str
    """What is billed: `input`, `cache_read`, `cache_write`, `cache_write_5m`, `cache_write_1h`, `output`, `reasoning`
    where it has a price of its own, `web_search`, `request`; `tools`, `unsplit` where no more is known; `unpriced`."""
    modality: str | None
    """`image`, `audio` and so on, where these tokens have a price of their own."""
    count: int | None
    """Tokens, searches or requests. None where only an amount is known."""
    rate: Decimal | None
    """The price of `per` of them."""
    per: int | None
    amount: Decimal | None
    currency: str | None
    source: str | None
    price_date: str | None
    unpriced_reason: str | None
    """Why there is no amount."""


@dataclass(frozen=True, slots=True)
class LedgerAnswer:
    """By the time of the call."""

    selection: Selection
    group_by: tuple[str, ...]
    rows: tuple[BillLine, ...]
    """Calls that are not billed have none."""


@dataclass(frozen=True, slots=True)
class BillItem:
    """What is one line's own."""

    kind: str
    modality: str | None = None
    count: int | None = None
    rate: Decimal | None = None
    per: int | None = None
    amount: Decimal | None = None


def ledger(reader: Reader, options: LedgerOptions) -> LedgerAnswer:
    """Raises StoreError and SelectionError."""
    book = PriceBook(options.prices)
    names = dict.fromkeys((*SHOWN, *COLUMNS))
    table = reader.table(tuple(names), options.selection, options.group_by)
    in_order = table.sort_by([(name, "ascending") for name in ("started_unix_ns", "trace_id", "span_id")])  # pyright: ignore[reportUnknownMemberType]
    lines: list[BillLine] = []
    for batch in in_order.to_batches(max_chunksize=BATCH):
        for row in batch.to_pylist():
            lines += _lines(row, book)
        advance(batch.num_rows)
    return LedgerAnswer(options.selection, options.group_by, tuple(lines))


def _lines(row: dict[str, Any], book: PriceBook) -> Iterator[BillLine]:
    call = billed_call(row)
    paid = call.cost if isinstance(call.cost, Ledger) else None
    for item in bill_items(call, book):
        yield BillLine(
            group=tuple(row.get("group_values") or ()),
            started=_iso(call.timing.started_unix_ns),
            model=call.response.model or call.request.model,
            currency=None if paid is None else paid.currency,
            source=None if paid is None else paid.source,
            price_date=None if paid is None else paid.price_date,
            unpriced_reason=call.unpriced_reason,
            **asdict(item),
            **{name: row[name] for name in SHOWN},
        )


def bill_items(call: Call, book: PriceBook) -> Iterable[BillItem]:
    """Of one call: its lines where the statement comes to what was recorded, else the parts that were recorded."""
    if isinstance(paid := call.cost, Ledger):
        statement = statement_of(call, book)
        return _itemized(paid, statement) if statement.difference == 0 else _recorded(paid, bill_of(call))
    return [] if call.unpriced_reason is None else [BillItem(UNPRICED)]


def _itemized(paid: Ledger, statement: Statement) -> Iterator[BillItem]:
    """The last line of a part takes what a double lost on its way here, so that lines add up to what was recorded."""
    of_part: dict[str, list[Line]] = {}
    for line in sorted(statement.lines, key=lambda line: KINDS.index(line.kind)):
        of_part.setdefault(PART_OF[line.kind], []).append(line)
    for part, lines in of_part.items():
        left: Decimal = getattr(paid, part)
        for line in lines:
            amount = left if line is lines[-1] else line.amount
            left -= amount
            yield BillItem(line.kind, line.modality, line.count, line.rate, line.per, amount)


def _recorded(paid: Ledger, bill: Bill | Unpriced) -> Iterator[BillItem]:
    """The parts as they were recorded, where the prices here do not give them: their rates are not known."""
    counts: Mapping[str, int] = {} if isinstance(bill, Unpriced) else _counts(bill)
    for part, amount in zip(PARTS, paid.parts, strict=True):
        if amount is not None and (amount or counts.get(part)):
            yield BillItem(part, count=counts.get(part), amount=amount)
    if paid.unsplit:
        yield BillItem(UNSPLIT, amount=paid.unsplit)


def _counts(bill: Bill) -> Mapping[str, int]:
    """By part of a ledger. What tools count is not of one kind."""
    return {
        "input": bill.uncached_tokens,
        "cache_read": bill.cache_read_tokens,
        "cache_write": bill.cache_write_tokens + bill.cache_write_1h_tokens,
        "output": bill.output_tokens,
    }


def _iso(unix_ns: int) -> str:
    seconds, ns = divmod(unix_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ns // 1_000_000:03d}Z"


LEDGER: Final = Answer("ledger", LedgerOptions, LedgerAnswer, ledger)
