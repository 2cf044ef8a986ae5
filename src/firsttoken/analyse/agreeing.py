"""Which of many calls were paid at some prices, exactly, without the bill of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from firsttoken.call import Ledger
from firsttoken.call.ledger import PARTS
from firsttoken.pricing.statement import agree
from firsttoken.pricing.together import PerCount

if TYPE_CHECKING:
    import pyarrow as pa

PRICE_DIGITS: Final = 30
MOST_DECIMALS: Final = 25
"""Of the price of one token. With the digits of a count and of a sum they stay within those of an arrow decimal."""
COUNT_DIGITS: Final = 19
NEAR: Final = 1e-14
"""How far an amount may be from the exact one, in parts of it, that a double has carried."""


def agreeing(calls: pa.Table, paid: Ledger, prices: PerCount) -> pa.ChunkedArray[pa.BooleanScalar] | None:
    """True for each of them whose recorded cost is that of these prices, as `Statement.difference` has it; None where
    the prices have too many digits. `paid` has the parts that all of them have."""
    import pyarrow.compute

    pc: Any = pyarrow.compute  # its types know only arrays
    decimals = max((-_exponent(price) for amounts in prices.values() for price in amounts), default=0)
    if decimals > MOST_DECIMALS:
        return None
    exact = [_exact(calls, prices, part, decimals, pc) for part in range(len(PARTS))]
    recorded = [
        None if part is None else pc.fill_null(calls[f"cost_{name}"], Decimal(0))
        for name, part in zip(PARTS, paid.parts, strict=True)
    ]
    known = [amounts for amounts in recorded if amounts is not None]
    total = _sum([*known, pc.fill_null(calls["cost_unsplit"], Decimal(0))], pc)
    found = pc.equal(total, _sum(exact, pc))
    if len(known) < len(PARTS):
        return found
    in_parts = _agree(recorded[0], exact[0], pc)
    for pair in zip(recorded[1:], exact[1:], strict=True):
        in_parts = pc.and_(in_parts, _agree(*pair, pc))
    return pc.or_(found, in_parts)


def _exponent(price: Decimal) -> int:
    exponent = price.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101  amounts are finite
    return exponent


def _exact(calls: pa.Table, prices: PerCount, part: int, decimals: int, pc: Any) -> Any:
    """What that part of each call's ledger comes to."""
    import pyarrow as pa

    price_type, count_type = pa.decimal256(PRICE_DIGITS, decimals), pa.decimal256(COUNT_DIGITS)
    priced = [(name, amounts[part]) for name, amounts in prices.items() if amounts[part]]
    nothing = pc.multiply(
        pc.cast(pc.fill_null(calls["input_tokens"], 0), count_type), pa.scalar(Decimal(0), price_type)
    )
    return _sum(
        [
            nothing,
            *(pc.multiply(pc.cast(calls[name], count_type), pa.scalar(price, price_type)) for name, price in priced),
        ],
        pc,
    )


def _sum(amounts: Sequence[Any], pc: Any) -> Any:
    total = amounts[0]
    for more in amounts[1:]:
        total = pc.add(total, more)
    return total


def _agree(recorded: Any, exact: Any, pc: Any) -> Any:
    """Only what is next to the exact amount is looked at one by one."""
    import pyarrow as pa

    same = pc.equal(recorded, exact)
    told, price = pc.cast(recorded, pa.float64()), pc.cast(exact, pa.float64())
    near = pc.less_equal(pc.abs(pc.subtract(told, price)), pc.multiply(pc.abs(price), NEAR))
    close = pc.and_(near, pc.invert(same))
    if not pc.any(close).as_py():
        return same
    pairs: Iterable[tuple[Decimal, Decimal]] = zip(
        recorded.filter(close).to_pylist(), exact.filter(close).to_pylist(), strict=True
    )
    carried = pa.array([agree(*pair) for pair in pairs])
    return pc.replace_with_mask(same.combine_chunks(), close.combine_chunks(), carried)
