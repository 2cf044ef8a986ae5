"""`firsttoken dashboards`: boards for Grafana and rules for Prometheus, as files or straight into a Grafana."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from firsttoken.grafana import DataSource, Server
    from firsttoken.grafana.install import Outcome
    from firsttoken.provided import Board

STORES: Final = ("prometheus", "tempo", "jaeger", "clickhouse")
"""Of boards with one address, the earlier store's is installed where nobody chooses."""
LEFT: Final = 1
"""The exit code where a board was left as somebody changed it."""
WORDS: Final[dict[Outcome, str]] = {
    "created": "created",
    "replaced": "replaced",
    "unchanged": "unchanged",
    "changed": "left",
    "provisioned": "provided",
}
IF_IT_WERE_DONE: Final[dict[Outcome, str]] = {**WORDS, "created": "to create", "replaced": "to replace"}
WIDTH: Final = max(map(len, [*WORDS.values(), *IF_IT_WERE_DONE.values()]))
NOTES: Final[dict[Outcome, str]] = {
    "changed": "What was left is other than ours, by somebody or another version: --overwrite replaces it.",
    "provisioned": "What is provided is other than ours. It comes from a file or another tool, which alone saves it.",
}
RULES: Final = (
    "Alerts are rules of Prometheus, and not installed here: firsttoken dashboards write FOLDER has them in "
    "FOLDER/prometheus, for rule_files in prometheus.yml."
)


@click.group(short_help="Boards for Grafana and rules for Prometheus.", invoke_without_command=True)
@click.pass_context
def dashboards(context: click.Context) -> None:
    """Boards for Grafana and rules for Prometheus: list them, write them to a folder, or put them into a Grafana."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@dashboards.command("list", short_help="List the boards.")
def list_boards() -> None:
    """List the boards, whom each of them asks, and what it is for."""
    from firsttoken.cli.tables import Cell, Column, print_table
    from firsttoken.provided import boards

    rows = [tuple(map(Cell, (board.title, board.store, board.description))) for board in boards()]
    names = [Column(title, is_figure=False) for title in ("board", "for")]
    print_table([*names, Column("what it is for", is_figure=False, is_sentence=True)], rows)


@dashboards.command(short_help="Write boards, rules and data sources to a folder.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace files that are other than ours.")
def write(folder: Path, overwrite: bool) -> None:
    """Write all boards, the rules for Prometheus and files that provision Grafana to FOLDER.

    A file that is there stays, unless --overwrite is given: then nothing is written where one is other than ours.
    """
    from firsttoken.cli.provided_files import write_files
    from firsttoken.provided import below

    count = write_files(folder, below("dashboards"), PurePosixPath("dashboards"), overwrite=overwrite)
    click.echo(f"{count} files in {folder}", err=True)


@dashboards.command(short_help="Put the boards into a Grafana.")
@click.option(
    "--grafana",
    "address",
    envvar="GRAFANA_URL",
    show_envvar=True,
    required=True,
    metavar="URL",
    help="Its address: http://localhost:3000, or with a user in it, http://admin:PASSWORD@localhost:3000.",
)
@click.option(
    "--token",
    envvar="GRAFANA_TOKEN",
    show_envvar=True,
    metavar="TOKEN",
    help="Of a service account with the role Editor. On the command line other users of the machine can see it.",
)
@click.option(
    "--for",
    "stores",
    type=click.Choice(STORES),
    multiple=True,
    help="Boards that ask this store. Repeatable. Default: each that the Grafana has a data source for.",
)
@click.option(
    "--datasource",
    "sources",
    multiple=True,
    metavar="NAME",
    help="Open boards with this data source, by name or uid. Repeatable. Default: Grafana's own for each kind.",
)
@click.option(
    "--folder",
    metavar="NAME",
    help='Into this folder, by title or uid; made where there is none. Default: "LLM calls".',
)
@click.option("--overwrite", is_flag=True, help="Replace boards that are there and other than ours.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
def install(  # noqa: PLR0913, PLR0917  one for each option
    address: str,
    token: str | None,
    stores: tuple[str, ...],
    sources: tuple[str, ...],
    folder: str | None,
    overwrite: bool,
    dry_run: bool,
) -> int:
    """Put the boards into a Grafana, and say what became of each. Exits with 1 where one was left as it was.

    It may be run again: a board that is there and the same stays. One that somebody changed, or that another version
    of firsttoken made, is left alone unless --overwrite is given; Grafana keeps what it was in its history.
    """
    from firsttoken.grafana import Connection, Server
    from firsttoken.grafana.install import Wish, install, with_sources
    from firsttoken.provided import boards

    server = Server.at(Connection(address, token))
    chosen = [_source(server, name) for name in sources]
    wanted = _wanted(boards(), stores, server)
    wish = Wish(folder, overwrite, dry_run, f"firsttoken {version('firsttoken')}")
    outcomes: set[Outcome] = set()
    width = max(len(board.title) for board in wanted)
    for each in install(server.shelf, [with_sources(board.model, chosen) for board in wanted], wish):
        word = (IF_IT_WERE_DONE if dry_run else WORDS)[each.outcome]
        click.echo(f"{word:{WIDTH}}  {each.title:{width}}  {server.address}/d/{each.uid}")
        outcomes.add(each.outcome)
    _tell(wanted, server, outcomes)
    return LEFT if "changed" in outcomes else 0


def _tell(wanted: Sequence[Board], server: Server, outcomes: Collection[Outcome]) -> None:
    """What is not installed and why, and what the boards lack."""
    for outcome in NOTES.keys() & outcomes:
        click.echo(NOTES[outcome], err=True)
    lacking = sorted({board.plugin for board in wanted} - server.plugins())
    if lacking:
        click.echo(f"The Grafana has no data source of the kind {', '.join(lacking)} yet: boards stay empty.", err=True)
    click.echo(RULES, err=True)


def _source(server: Server, name: str) -> DataSource:
    from firsttoken.errors import GrafanaError

    for source in server.sources:
        if name in (source.name, source.uid):
            return source
    names = [source.name for source in server.sources]
    meant = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names
    known = f"did you mean {' or '.join(meant)}?" if meant else "it has none"
    raise GrafanaError(f"the Grafana at {server.address} has no data source {name!r}: {known}")


def _wanted(there: Sequence[Board], stores: Collection[str], server: Server) -> list[Board]:
    """One for each address. Raises GrafanaError, and click.UsageError."""
    from firsttoken.errors import GrafanaError

    found = {board.store for board in there if board.plugin in server.plugins()}
    wanted = [board for board in there if board.store in (stores or found)]
    if not wanted:
        kinds = ", ".join(sorted({board.plugin for board in there}))
        raise GrafanaError(
            f"the Grafana at {server.address} has no data source for these boards ({kinds}): "
            "add one, or choose with --for"
        )
    wanted.sort(key=lambda board: STORES.index(board.store))
    by_uid: dict[str, Board] = {}
    for board in wanted:
        other = by_uid.setdefault(board.uid, board)
        if other is not board and stores:
            raise click.UsageError(
                f"{board.title!r} of {other.store} and {board.store} stand in each other's place: choose one."
            )
    return list(by_uid.values())
