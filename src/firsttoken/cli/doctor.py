"""`firsttoken doctor`: why something is missing, double or lost."""

from __future__ import annotations

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option


@click.command(
    context_settings={"allow_interspersed_args": False},
    options_metavar="[OPTIONS] [--]",
    short_help="Say what is observed, what is double and where telemetry goes.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[COMMAND...]")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON in place of the list.")
@store_option
@asked_port_option
def doctor(*, command: tuple[str, ...], as_json: bool, store: StorePlace | None, page_port: int | None) -> int:
    """Say what is observed and by whom else, what is double, where telemetry goes, whether it is taken there, and what
    was lost. Nothing is changed, and no telemetry is made up: endpoints are asked by an empty delivery.

    Without COMMAND a fresh Python is looked at, in which firsttoken is switched on as by opentelemetry-instrument and
    firsttoken run. With COMMAND that program runs as it is, and is looked at when it ends; the list then comes on
    standard error, and it ends by itself.

    The exit code is 0 without problems, 1 with one.

    Examples:

    \b
        firsttoken doctor
        firsttoken doctor -- python app.py
        firsttoken doctor --json | jq '.processes[].findings[] | select(.level == "problem")'
    """
    from firsttoken.cli.examination import examine
    from firsttoken.cli.findings import Consultation, print_consultation
    from firsttoken.cli.local_findings import local_findings

    examined = examine(command)
    path = None if isinstance(store, str) else store  # of a database server it has nothing to say
    consultation = Consultation(examined.diagnoses, (*examined.findings, *local_findings(path, page_port)))
    print_consultation(consultation, as_json=as_json, to_stderr=bool(command))
    return 1 if consultation.problems else 0
