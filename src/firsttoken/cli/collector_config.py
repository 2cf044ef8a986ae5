"""`firsttoken collector-config`: configurations for the OpenTelemetry Collector that come with the package."""

from __future__ import annotations

import difflib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from firsttoken.provided import Configuration


@click.command("collector-config", short_help="Print a configuration for the OpenTelemetry Collector.")
@click.argument("name", required=False)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Write it to this new file, or to this folder where it is several files.",
)
@click.option("--overwrite", is_flag=True, help="Replace what is there, in a folder.")
def collector_config(name: str | None, output: Path | None, overwrite: bool) -> None:
    """Print the configuration NAME for the OpenTelemetry Collector, or list those that there are.

    What each is for, and its variables: docs/collector in the repository. One of several files, such as docker-compose,
    needs a folder:

        firsttoken collector-config gateway > gateway.yaml
        firsttoken collector-config docker-compose --output wall
    """
    from firsttoken.provided import configurations

    there = configurations()
    if name is None:
        _list(there)
        return
    _write(_named(there, name), output, overwrite=overwrite)


def _list(there: dict[str, Configuration]) -> None:
    from firsttoken.cli.tables import Cell, Column, print_table

    rows = [(Cell(name), Cell(configuration.says)) for name, configuration in there.items()]
    print_table([Column("name", is_figure=False), Column("what it is for", is_figure=False, is_sentence=True)], rows)


def _named(there: dict[str, Configuration], name: str) -> Configuration:
    found = there.get(name.removesuffix(".yaml"))
    if found is None:
        near = difflib.get_close_matches(name, there, n=3, cutoff=0.5)
        raise click.UsageError(
            f"There is no configuration {name!r}: "
            + (f"did you mean {' or '.join(near)}?" if near else ", ".join(there))
        )
    return found


def _write(configuration: Configuration, output: Path | None, *, overwrite: bool) -> None:
    from firsttoken.cli.new_file import new_file
    from firsttoken.cli.provided_files import write_files

    text = configuration.text
    if text is None and output is None:
        raise click.UsageError(f"{configuration.name} is several files: name a folder for them with --output.")
    if text is None and output is not None:
        count = write_files(output, configuration.files, PurePosixPath(), overwrite=overwrite)
        click.echo(f"{count} files in {output}: start with {output / configuration.told_by}", err=True)
    elif output is None:
        click.echo(text, nl=False)
    else:
        with new_file(output) as file:
            file.write((text or "").encode())
