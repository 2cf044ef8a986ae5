"""What every command with an answer has in common: which calls, grouped by what, from where, written how."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.output import Output, output_options, write_answer
from firsttoken.cli.selecting import selection_options

if TYPE_CHECKING:
    from firsttoken.analyse.asking import Answer, AnswerT, OptionsT
    from firsttoken.store import Selection

R = TypeVar("R")


class Scope(TypedDict):
    """The fields of `analyse.options.Options`."""

    selection: Selection
    group_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A command's question, but for what is its own."""

    scope: Scope
    output: Output
    store: StorePlace | None
    page_port: int | None

    def show(
        self,
        answer: Answer[OptionsT, AnswerT],
        options: OptionsT,
        print_table: Callable[[AnswerT], None],
        work: str | None = None,
    ) -> AnswerT:
        """Asks the running server where there is one, else the store, and writes the answer as it is wanted.

        `work` is what a long answer counts, shown to somebody who watches.
        """
        from firsttoken.analyse.watching import watched
        from firsttoken.cli.progress import counted
        from firsttoken.cli.source import open_source

        self.output.check()
        with open_source(self.store, self.page_port) as source, ExitStack() as watching:
            if work is not None:
                watching.enter_context(watched(watching.enter_context(counted(work))))
            found = source.answer(answer, options)
        write_answer(self.output, answer, found, print_table)
        return found


def answer_options(command: Callable[..., R]) -> Callable[..., R]:
    """The command gets them as `asked`."""

    @selection_options
    @click.option(
        "--by",
        "group_by",
        multiple=True,
        metavar="KEY",
        help="One row for each value of an attribute: model, provider, user, session, agent, service, day or any "
        "other. Repeatable.",
    )
    @output_options
    @store_option
    @asked_port_option
    @functools.wraps(command)
    def with_asked(
        *,
        selection: Selection,
        group_by: tuple[str, ...],
        output: Output,
        store: StorePlace | None,
        page_port: int | None,
        **others: Any,
    ) -> R:
        scope = Scope(selection=selection, group_by=tuple(dict.fromkeys(name.strip() for name in group_by)))
        return command(asked=Asked(scope, output, store, page_port), **others)

    return with_asked
