"""Questions in DuckDB's SQL -> ClickHouse's, with parameters that the server binds itself.

SQLGlot knows most of both; the tables here say the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final, NamedTuple, cast

import sqlglot
from sqlglot import exp

from firsttoken.clickhouse.functions import FUNCTIONS, REWRITES
from firsttoken.store.contents import CUT_OUT
from firsttoken.store.scope import Parameters, Value

RELATIONS: Final[Mapping[str, str]] = {
    "calls": "firsttoken_calls",
    "spans": "firsttoken_spans",
    "logs": "firsttoken_logs",
}
"""The view of each table of the embedded store."""
SETTLED: Final[Mapping[str, str]] = {**RELATIONS, "calls": "firsttoken_settled_calls"}
"""The same, and quicker, for as long as it is settled of all records whose they are."""

SETTINGS: Final = {
    "prefer_column_name_to_alias": "1",
    "group_by_use_nulls": "1",
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "do_not_merge_across_partitions_select_final": "1",
}
"""With these, names and NULL mean what they mean to DuckDB. A row's partition follows from its key, so that a span that
came twice is in one of them: the last setting spares the work of looking in all."""

TYPES: Final[Mapping[type, str]] = {
    bool: "Bool",
    int: "Int64",
    float: "Float64",
    str: "String",
    Decimal: "Decimal(38, 18)",
}


class Statement(NamedTuple):
    """What the server is sent."""

    text: str
    parameters: dict[str, Value]


def translated(question: str, parameters: Parameters, relations: Mapping[str, str] = RELATIONS) -> Statement:
    """The question for ClickHouse. A parameter that is None becomes NULL; the others stay parameters."""
    known = {name: value for name, value in parameters.items() if value is not None}
    types = tuple(sorted((name, type_of(value)) for name, value in known.items()))
    levels = tuple(
        sorted((name, tuple(cast("list[float]", value))) for name, value in known.items() if _is_levels(value))
    )
    text = _translate(question, types, levels, tuple(relations.items()))
    return Statement(text, {name: value for name, value in known.items() if f"{{{name}: " in text})


def type_of(value: Value) -> str:
    """The type of a parameter, by its value. A list has that of its items, and an empty one is of texts."""
    if isinstance(value, list):
        return f"Array({TYPES[type(value[0])] if value else 'String'})"
    return TYPES[type(value)]


def _is_levels(value: Value) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(item, float) for item in cast("list[object]", value))
    )


@lru_cache(maxsize=512)
def _translate(
    question: str,
    types: tuple[tuple[str, str], ...],
    levels: tuple[tuple[str, tuple[float, ...]], ...],
    relations: tuple[tuple[str, str], ...],
) -> str:
    tree = sqlglot.parse_one(f"{question}\n", read="duckdb")  # at the very end, '' after a $name would confuse it
    _take_content_apart(tree)
    _leave_nothing_cut(tree)
    for select in tree.find_all(exp.Select):
        _order_by_outputs(select)
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for step in (
        partial(_levels, levels=dict(levels)),
        partial(_placed, types=dict(types)),
        partial(_relation, own=own, views=dict(relations)),
    ):
        tree = tree.transform(step)
    _rewrite_all(tree)
    return tree.sql(dialect="clickhouse", comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _levels(node: exp.Expr, levels: Mapping[str, tuple[float, ...]]) -> exp.Expr:
    """Which quantiles are wanted is part of a function's name to ClickHouse, and cannot be a parameter."""
    if isinstance(node, exp.PercentileCont) and isinstance(node.expression, exp.Placeholder):
        numbers = levels[node.expression.name]
        node.set("expression", exp.Array(expressions=[exp.Literal.number(repr(number)) for number in numbers]))
    return node


def _placed(node: exp.Expr, types: Mapping[str, str]) -> exp.Expr:
    if not isinstance(node, exp.Placeholder):
        return node
    if node.name not in types:
        return exp.Null()
    return exp.Placeholder(this=node.name, kind=types[node.name])


def _rewrite_all(tree: exp.Expr) -> None:
    """The innermost first: what stands within something that is rewritten is rewritten as well."""
    for node in reversed(list(tree.bfs())):
        rewritten = _rewritten(node)
        if rewritten is not node:
            node.replace(rewritten)


def _rewritten(node: exp.Expr) -> exp.Expr:
    rewrite: Callable[[exp.Expr], exp.Expr] | None = REWRITES.get(type(node))
    if rewrite is not None:
        return rewrite(node)
    if isinstance(node, exp.Anonymous) and (name := str(node.this).lower()) in FUNCTIONS:
        return FUNCTIONS[name](*node.expressions)
    return node


def _relation(node: exp.Expr, own: set[str], views: Mapping[str, str]) -> exp.Expr:
    """A table of the store by its view. A step of the question may have a table's name, and itself read the table."""
    if isinstance(node, exp.Table) and node.name in views and (node.db == "main" or node.name not in own):
        view = views[node.name]
        return exp.alias_(view, node.alias, table=True) if node.alias else exp.to_table(view)
    if isinstance(node, exp.CTE):
        node.set("materialized", None)
    return node


def _leave_nothing_cut(tree: exp.Expr) -> None:
    """A row has here all that was said in it, and no column of what stands elsewhere."""
    for select in tree.find_all(exp.Select):
        kept = [each for each in select.expressions if not (isinstance(each, exp.Column) and each.name == CUT_OUT)]
        select.set("expressions", kept)


def _order_by_outputs(select: exp.Select) -> None:
    """A name to order by is that of a column of the answer first, and of what was read only then: said by number."""
    names = select.named_selects
    order = select.args.get("order")
    if order is None or "*" in names:
        return
    for ordered in order.expressions:
        if isinstance(ordered.this, exp.Column) and not ordered.this.table and ordered.this.name in names:
            ordered.set("this", exp.Literal.number(names.index(ordered.this.name) + 1))


def _take_content_apart(tree: exp.Expr) -> None:
    """Every column of a call is what was said in it as well, unless the attributes are left out."""
    if not isinstance(tree, exp.Select) or tree.args.get("joins"):
        return
    source = tree.args.get("from_")
    if source is None or not isinstance(source.this, exp.Table) or source.this.name != "calls":
        return
    for star in tree.expressions:
        if not isinstance(star, exp.Star):
            continue
        left_out = [each.name for each in star.args.get("except_") or () if each.name != CUT_OUT]
        star.set("except_", [*map(exp.to_identifier, left_out), exp.to_identifier("content")])
        if "attributes" not in left_out:
            whole = exp.func("mapConcat", exp.column("attributes"), exp.column("content"))
            star.set("replace", [exp.alias_(whole, "attributes")])
