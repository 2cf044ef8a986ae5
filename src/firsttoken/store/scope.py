"""A question put to some of the calls: narrowed to a selection, and told by which values to group."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from firsttoken.errors import SelectionError
from firsttoken.semconv.read_messages import CONTENT_ATTRIBUTES
from firsttoken.store import searching
from firsttoken.store.call_names import FIGURES, KNOWN, MODEL, Known
from firsttoken.store.derived import named_in
from firsttoken.store.selection import EVERYTHING, Between, Selection

Value = str | int | float | bool | None | list[str]
Parameters = dict[str, Value]

OWN_TABLES: Final = re.compile(r"^WITH ", re.MULTILINE)
"""How a question begins that has steps of its own."""

FROM_CALLS: Final = re.compile(r"\bFROM calls\b")
"""DuckDB would keep all columns of a common step that has a subquery, but not those of two that are alike."""

ONE_GROUP: Final = re.compile(r"\bgroup_value\b")

CARRIERS: Final = ("attributes", "context_more", "resource")
"""The columns of JSON in which an attribute without a column is looked for, in this order."""

SAID: Final = ("content",)
"""The column in which a database server has what was said, beside the call: a map of texts."""

LARGEST: Final = 2**63 - 1
BEYOND: Final = float(2**62)
"""What no figure comes to: a bound further out means the same."""
FLAGS: Final = {"true": True, "false": False}


def scoped(
    question: str,
    selection: Selection,
    group_by: Sequence[str] = (),
    figure: str | None = None,
    *,
    found: str | None = None,
) -> tuple[str, Parameters]:
    """The question over the selected calls, and the parameters that it then has besides its own.

    The relation `calls` that it reads has one more column, `group_values`: a list of texts, one for each name of
    `group_by`, NULL where a call does not say; `group_value`, the first of them, by which it is half the work to group;
    and those of `store.derived` that the question names. With `figure`, a
    name of FIGURES, it has that in a column `figure` too: a time in nanoseconds. `found` is a relation of the places of
    the selected calls, where the embedded store has found them already. Raises SelectionError for a value that its
    column cannot have, and for what is no figure.
    """
    more = list(named_in(question))
    if selection == EVERYTHING and not (group_by or more) and figure is None and "group_values" not in question:
        return question, {}
    parameters: Parameters = {}
    groups = [_group(name, f"group_{number}", parameters) for number, name in enumerate(group_by)]
    if ONE_GROUP.search(question):
        more.append(f"{groups[0]} AS group_value")
    if figure is not None:
        more.append(f"{_figure(figure).expression} AS figure")
    here = f"rowid IN (SELECT place FROM {found})"  # noqa: S608  a name of ours
    conditions = all_of(conditions_of(selection, parameters)) if found is None else here
    columns = ", ".join(["*", f"CAST([{', '.join(groups)}] AS VARCHAR[]) AS group_values", *more])
    relation = f"SELECT {columns} FROM main.calls WHERE {conditions}"  # noqa: S608  columns and parameters alone
    if found is not None:
        return FROM_CALLS.sub(lambda _: f"FROM ({relation}) AS calls", question), parameters
    rest, own_tables = OWN_TABLES.subn("", question, count=1)
    return f"WITH calls AS NOT MATERIALIZED ({relation}){',' if own_tables else ''}\n{rest}", parameters


def attribute_at(name: str, parameter: str, parameters: Parameters) -> str:
    """What an attribute without a column says, as text: NULL where it is not there."""
    parameters[parameter] = "/" + name.replace("~", "~0").replace("/", "~1")  # RFC 6901
    found = ", ".join(f"json_extract_string({carrier}, ${parameter})" for carrier in CARRIERS)
    return f"coalesce({found})"


def closest(name: str, attributes: Sequence[str]) -> str | None:
    """What somebody may have meant, of the names there are."""
    return next(iter(difflib.get_close_matches(name, [*KNOWN, *attributes], n=1)), None)


def _group(name: str, parameter: str, parameters: Parameters) -> str:
    """What calls are told apart by, as text: NULL where a call does not say."""
    known = KNOWN.get(name)
    if known is None:
        return attribute_at(_askable(name), parameter, parameters)
    if known.kind == "texts":
        return f"nullif(array_to_string({known.expression}, ', '), '')"
    return f"CAST({known.expression} AS VARCHAR)"


def conditions_of(selection: Selection, parameters: Parameters) -> list[str]:
    """All that a call has to meet, over its row. The parameters are added to those."""
    conditions: list[str] = []
    for name, comparison in (("since_unix_ns", ">="), ("until_unix_ns", "<")):
        moment: int | None = getattr(selection, name)
        if moment is not None:
            parameters[name] = moment
            conditions.append(f"started_unix_ns {comparison} ${name}")
    if selection.run_id is not None:
        parameters["selected_run"] = selection.run_id
        conditions.append("run_id = $selected_run")
    if selection.models:
        conditions.append(_of_models(selection.models, parameters))
    for number, (name, value) in enumerate(selection.where.items()):
        conditions.append(_condition(name, value, f"where_{number}", parameters))
    for number, name in enumerate(selection.without):
        conditions.append(f"{_group(name, f'without_{number}', parameters)} IS NULL")
    for number, between in enumerate(selection.between):
        conditions += _bounds(between, f"between_{number}", parameters)
    if selection.search is not None:
        conditions.append(_searched(selection.search, parameters))
    return conditions


def all_of(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "true"


def _searched(text: str, parameters: Parameters) -> str:
    in_log = (
        f"SELECT trace_id, span_id FROM main.logs WHERE span_id IS NOT NULL AND {searching.in_log(text, parameters)}"  # noqa: S608  columns and parameters alone
    )
    return searching.any_of([*searching.in_row(text, parameters, SAID), f"(trace_id, span_id) IN ({in_log})"])


def _bounds(between: Between, parameter: str, parameters: Parameters) -> Iterator[str]:
    """Raises SelectionError for what is no number."""
    known = _figure(between.name)
    for bound, comparison in (("at_least", ">="), ("below", "<")):
        value: float | None = getattr(between, bound)
        if value is not None:
            limit = min(max(value * 1e9 if known.is_seconds else value, -BEYOND), BEYOND)
            parameters[f"{parameter}_{bound}"] = round(limit) if known.is_seconds else limit
            yield f"{known.expression} {comparison} ${parameter}_{bound}"


def _figure(name: str) -> Known:
    """Raises SelectionError."""
    known = FIGURES.get(name)
    if known is None:
        raise SelectionError(f"{name} is no figure of a call: use one such as first_token, total or cost")
    return known


def _of_models(models: Sequence[str], parameters: Parameters) -> str:
    if not any("*" in model for model in models):
        parameters["models"] = list(models)
        return f"list_contains($models, {MODEL})"
    parameters["models"] = "^(" + "|".join(".*".join(map(re.escape, model.split("*"))) for model in models) + ")$"
    return f"regexp_matches({MODEL}, $models)"


def _condition(name: str, value: str, parameter: str, parameters: Parameters) -> str:
    known = KNOWN.get(name)
    if known is None:
        parameters[parameter] = value
        return f"{attribute_at(_askable(name), f'{parameter}_at', parameters)} = ${parameter}"
    parameters[parameter] = _value_of(known, name, value)
    if known.kind == "texts":
        return f"list_contains({known.expression}, ${parameter})"
    return f"{known.expression} = ${parameter}"


def _askable(name: str) -> str:
    """The name. Raises SelectionError for what was said, of which a row has only what is short."""
    if name in CONTENT_ATTRIBUTES:
        raise SelectionError(f"calls cannot be asked for by {name}: what was said is not kept in their rows")
    return name


def _value_of(known: Known, name: str, value: str) -> Value:
    """As the column's type. Raises SelectionError."""
    try:
        if known.is_seconds:
            return _in_a_column(round(_number(value) * 1e9))
        match known.kind:
            case "int":
                return _in_a_column(int(value))
            case "real":
                return _number(value)
            case "flag":
                return FLAGS[value.lower()]
            case "text" | "texts":
                return value
            case _:
                raise SelectionError(f"calls cannot be asked for by {name}: ask with firsttoken sql instead")
    except (ValueError, KeyError, OverflowError):
        wanted = "a number of seconds" if known.is_seconds else _WANTED[known.kind]
        raise SelectionError(f"{name}={value!r} cannot be: give {wanted}") from None


def _in_a_column(number: int) -> int:
    if abs(number) > LARGEST:
        raise OverflowError(number)
    return number


def _number(value: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


_WANTED: Final[Mapping[str, str]] = {"int": "a whole number", "real": "a number", "flag": "true or false"}
