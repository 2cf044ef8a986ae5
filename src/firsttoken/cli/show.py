"""`firsttoken show`: everything about one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.own_prices import prices_option
from firsttoken.errors import SelectionError

if TYPE_CHECKING:
    from firsttoken.analyse import CallDetail
    from firsttoken.pricing.override import Override


@click.command(short_help="Show everything about one call.")
@click.argument("call")
@click.option("--json", "form", flag_value="json", help="All of it as one JSON object on standard output.")
@click.option(
    "--as-test",
    "form",
    flag_value="test",
    help="A pytest module on standard output, in which the test kit's provider server answers as the provider did.",
)
@prices_option
@store_option
@asked_port_option
def show(
    call: str, form: str | None, prices: tuple[Override, ...], store: StorePlace | None, page_port: int | None
) -> None:
    """Show everything about one call: where its time went, its tokens, its bill, its attempts, and what was said.

    CALL is the id of its span, its trace (or both, with a slash between), the provider's id of its answer or of its
    request, or the beginning of one of these, of at least 6 letters, that no other call shares.
    """
    from firsttoken.analyse.showing import SHOW, ShowOptions
    from firsttoken.cli.source import open_source

    with open_source(store, page_port) as source:
        found = source.answer(SHOW, ShowOptions(id=call))
    if found.detail is None:
        from firsttoken.cli.call_named import not_one_call

        raise not_one_call(call, found.rows)
    if form == "json":
        from pydantic import TypeAdapter

        from firsttoken.analyse import CallDetail
        from firsttoken.analyse.answer_json import json_line

        print(json_line(TypeAdapter(CallDetail), found.detail))
        return
    if form == "test":
        print(_as_test(found.detail), end="")
        return
    from firsttoken.cli.call_bill import bill_of
    from firsttoken.cli.call_facts import sections_of
    from firsttoken.cli.sections import print_sections

    print_sections(sections_of(found.detail, bill_of(found.detail.row.call, prices)))


def _as_test(detail: CallDetail) -> str:
    from firsttoken.page.as_test import NoTestError, as_test

    try:
        return as_test(detail)
    except NoTestError as error:
        raise SelectionError(str(error)) from error
