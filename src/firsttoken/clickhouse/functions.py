"""What DuckDB's functions are called in ClickHouse, where SQLGlot does not know or means something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlglot import exp

Rewrite = Callable[[Any], exp.Expr]

MAPS: Final = frozenset({"attributes", "resource", "content"})
"""Columns that are JSON in the embedded store, and maps of texts here."""


def _called(name: str) -> Callable[..., exp.Expr]:
    """A function of the same arguments."""

    def call(*arguments: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this=name, expressions=list(arguments))

    return call


def _of_this(name: str) -> Rewrite:
    def rewrite(node: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this=name, expressions=[node.this])

    return rewrite


def _quantiles(node: exp.PercentileCont) -> exp.Expr:
    """Exact, and between two values where it falls between them: as DuckDB's."""
    levels = node.expression
    if isinstance(levels, exp.Array):
        return _parametric("quantilesExactInclusive", levels.expressions, node.this)
    return _parametric("quantileExactInclusive", [levels], node.this)


def _median(node: exp.Median) -> exp.Expr:
    """ClickHouse's own is an estimate."""
    return _parametric("quantileExactInclusive", [exp.Literal.number("0.5")], node.this)


def _parametric(name: str, levels: list[exp.Expr], values: exp.Expr) -> exp.Expr:
    return exp.ParameterizedAgg(this=name, expressions=levels, params=[values])


def _member(node: exp.JSONExtractScalar) -> exp.Expr:
    """What a member of a JSON object says, as text. It is asked for by a pointer, RFC 6901."""
    carrier, key = node.this, _key(node.expression)
    if carrier.name in MAPS:
        there = exp.func("mapContains", carrier, key)
        return exp.func("if", there, exp.Bracket(this=carrier, expressions=[key]), exp.Null())
    there = exp.func("JSONHas", _text(carrier), key)
    return exp.func("if", there, _called("JSONExtractString")(_text(carrier), key), exp.Null())


def _text(carrier: exp.Expr) -> exp.Expr:
    return exp.func("ifNull", carrier, exp.Literal.string(""))


def _key(pointer: exp.Expr) -> exp.Expr:
    name = exp.func("substring", pointer, exp.Literal.number(2))
    for written, meant in (("~1", "/"), ("~0", "~")):
        name = _called("replaceAll")(name, exp.Literal.string(written), exp.Literal.string(meant))
    return name


def _keys(node: exp.JSONKeys) -> exp.Expr:
    return _called("mapKeys")(node.this)


def _joined(node: exp.ArrayToString) -> exp.Expr:
    return _called("arrayStringConcat")(node.this, node.expression)


def _concatenated(node: exp.DPipe) -> exp.Expr:
    """Of texts or of lists: ClickHouse's `concat` takes both."""
    return _called("concat")(node.this, node.expression)


def _timestamp(nanoseconds: exp.Expr) -> exp.Expr:
    return _called("fromUnixTimestamp64Nano")(nanoseconds, exp.Literal.string("UTC"))


MINUTES: Final = "%i"
"""What `%M` is to `formatDateTime`, whose own `%M` is the name of a month."""


def _formatted(node: exp.TimeToStr) -> exp.Expr:
    layout = exp.Literal.string(str(node.args["format"].this).replace("%M", MINUTES))
    return _called("formatDateTime")(node.this, layout)


def _either(node: exp.LogicalOr | exp.LogicalAnd) -> exp.Expr:
    return _called("max" if isinstance(node, exp.LogicalOr) else "min")(node.this)


def _small(node: exp.Lower) -> exp.Expr:
    """ClickHouse's own knows the letters of ASCII alone. Of a map: its names and values, each on a line of its own."""
    text: exp.Expr = node.this
    if isinstance(text, exp.Column) and text.name in MAPS:
        words = _called("arrayConcat")(_called("mapKeys")(text.copy()), _called("mapValues")(text.copy()))
        text = _called("arrayStringConcat")(words, exp.Literal.string("\n"))
    return _called("lowerUTF8")(text)


REWRITES: Final[Mapping[type[exp.Expr], Rewrite]] = {
    exp.PercentileCont: _quantiles,
    exp.Median: _median,
    exp.JSONExtractScalar: _member,
    exp.JSONKeys: _keys,
    exp.ArrayToString: _joined,
    exp.DPipe: _concatenated,
    exp.TimeToStr: _formatted,
    exp.LogicalOr: _either,
    exp.LogicalAnd: _either,
    exp.Length: _of_this("length"),
    exp.Lower: _small,
}
"""By what SQLGlot makes of them."""

FUNCTIONS: Final[Mapping[str, Callable[..., exp.Expr]]] = {
    "make_timestamp_ns": _timestamp,
    "list_sum": _called("arraySum"),
    "list_max": _called("arrayMax"),
    "list_min": _called("arrayMin"),
}
"""By name, where SQLGlot does not know them."""
