"""`firsttoken run`: any command, observed."""

from __future__ import annotations

from dataclasses import replace

import click

from firsttoken.cli.limits import Kept, limit_options
from firsttoken.cli.options import Places, places_options


@click.command(
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False},
    options_metavar="[OPTIONS] --",
    short_help="Run any command and record the calls in it.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="COMMAND...")
@click.option(
    "--include-usage", is_flag=True, help="Ask Chat Completions streams for their usage, unseen by the program."
)
@click.option("--httpx", is_flag=True, help="Record the HTTP requests of each call as well (extra `httpx`).")
@click.option("--content", is_flag=True, help="Record prompts and answers too, wherever the program's telemetry goes.")
@click.option("--json", "as_json", is_flag=True, help="Sum up as one line of JSON, the last on standard error.")
@click.option("--exit", "ends", is_flag=True, help="End with the command, on a terminal too.")
@limit_options
@places_options
def run(  # noqa: PLR0913  one parameter for each option
    *,
    command: tuple[str, ...],
    places: Places,
    kept: Kept,
    include_usage: bool,
    httpx: bool,
    content: bool,
    as_json: bool,
    ends: bool,
) -> int:
    """Run COMMAND as it is and record every openai and anthropic call of the Python programs in it.

    Its input, output, signals and exit code are its own. A summary of its calls follows on standard error. On a
    terminal the page then stays open until Ctrl-C; elsewhere, or with --exit, --no-page or --json, nothing stays.

    A server that runs already is used and not started again. OTLP ports that are taken are replaced by free ones,
    unless they are named here.

    Examples:

    \b
        firsttoken run -- python app.py
        firsttoken run --include-usage -- pytest tests/test_agent.py
        firsttoken run --json -- ./job.sh 2>log; tail -n 1 log
    """
    from firsttoken.cli.observed_run import ObservedRun, Wishes

    if places.store_url is not None:
        raise click.UsageError("run keeps calls in a file, and a server's are a Collector's: name one with --store.")
    may_stay = places.page and not (ends or as_json)
    wishes = Wishes(include_usage=include_usage, httpx=httpx, content=content, as_json=as_json, may_stay=may_stay)
    return ObservedRun(command, replace(places, kept=kept), wishes).run()
