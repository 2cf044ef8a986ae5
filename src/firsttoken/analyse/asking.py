"""The one way to an answer: what is asked for is looked at first, so that a slip is not taken for a zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from firsttoken.analyse.options import Options
from firsttoken.errors import NoCallsError, UnknownAttributeError
from firsttoken.store import Reader, Selection, Warehouse
from firsttoken.store.scope import closest

OptionsT = TypeVar("OptionsT", bound=Options)
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Answer(Generic[OptionsT, AnswerT]):
    """One kind of answer: what it is asked with, and what it comes to. Both are plain frozen dataclasses."""

    name: str
    """As in the command and in the address of a running server."""
    options: type[OptionsT]
    answer: type[AnswerT]
    give: Callable[[Reader, OptionsT], AnswerT]


AnyAnswer = Answer[Any, Any]


def answered(answer: Answer[OptionsT, AnswerT], warehouse: Warehouse, options: OptionsT) -> AnswerT:
    """Raises SelectionError for an unknown attribute, NoCallsError where nothing is selected, and StoreError."""
    with warehouse.read() as reader:
        check(reader, options, warehouse.name)
        return answer.give(reader, options)


def check(reader: Reader, options: Options, store: str) -> None:
    """Raises SelectionError for an unknown attribute, and NoCallsError where nothing is selected."""
    for name in options.group_by:
        check_known(reader, name)
    for selection in options.selections():
        _check_some(reader, selection, store)


def _check_some(reader: Reader, selection: Selection, store: str) -> None:
    if reader.ask("call_count", None, selection)[0]["calls"]:
        return
    check_attributes(reader, selection)
    raise NoCallsError(f"the store {store} has no calls{described(selection)}: {_advice(selection)}")


def check_attributes(reader: Reader, selection: Selection) -> None:
    """Raises SelectionError where a condition is about an attribute that no call has."""
    for name in (*selection.where, *selection.without):
        check_known(reader, name)


def check_known(reader: Reader, name: str) -> None:
    """Raises UnknownAttributeError for one that no call has."""
    if reader.knows(name):
        return
    meant = closest(name, reader.attributes())
    raise UnknownAttributeError(name, meant, "see `firsttoken show CALL` for those of a call")


def described(selection: Selection) -> str:
    """What is selected, to stand behind the word `calls`. Empty where everything is."""
    parts: list[str] = []
    if selection.models:
        parts.append(f" of model {' or '.join(map(_named, selection.models))}")
    if selection.run_id is not None:
        parts.append(f" of run {_named(selection.run_id)}")
    parts += [f" with {name}={_named(value)}" for name, value in selection.where.items()]
    parts += [f" without {name}" for name in selection.without]
    for between in selection.between:
        at_least = "" if between.at_least is None else f" from {between.at_least:g}"
        parts.append(f" with {between.name}{at_least}" + ("" if between.below is None else f" below {between.below:g}"))
    if selection.search is not None:
        parts.append(f" with the text {selection.search!r}")
    if selection.since_unix_ns is not None:
        parts.append(f" since {_moment(selection.since_unix_ns)}")
    if selection.until_unix_ns is not None:
        parts.append(f" before {_moment(selection.until_unix_ns)}")
    return "".join(parts)


def _named(value: str) -> str:
    return value or "''"


def _advice(selection: Selection) -> str:
    return (
        "record some with firsttoken run -- python app.py"
        if selection == Selection()
        else "ask about more time, or with fewer conditions"
    )


def _moment(unix_ns: int) -> str:
    return datetime.fromtimestamp(unix_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
