"""`firsttoken report`: totals and percentiles, in a terminal, in a file, or as a document to hand on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firsttoken.cli.asked import Asked, answer_options
from firsttoken.cli.new_file import check_free, new_file

if TYPE_CHECKING:
    from firsttoken.page.document.content import Content

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Sum up calls by model, also as a document with charts.")
@answer_options
@click.option("--html", type=FILE, metavar="FILE", help="A document with charts: one file that needs nothing else.")
@click.option("--png", type=FILE, metavar="FILE", help="The same as a picture.")
@click.option("--title", default="LLM calls", show_default=True, metavar="TEXT", help="Of the document.")
def report(asked: Asked, html: Path | None, png: Path | None, title: str) -> None:
    """Sum up calls by model: errors, time to first token, duration, tokens and cost.

    With --html or --png, or both, it is a document with charts for somebody who has nothing installed; --by then says
    what its calls are told apart by. A file that is there already is left as it is.
    What is not known is shown as "-" and is null in JSON. Calls of unknown price are counted, not guessed.
    """
    from firsttoken.analyse.reporting import REPORT, ReportOptions
    from firsttoken.cli.report_table import print_report

    files = [path for path in (html, png) if path is not None]
    if not files:
        if asked.scope["group_by"]:
            raise click.UsageError("--by is for --html and --png: the table is by model. See latency, cost and errors.")
        asked.show(REPORT, ReportOptions(selection=asked.scope["selection"]), print_report)
        return
    if asked.output.form != "table":
        raise click.UsageError("--html and --png go with none of --json, --csv and --parquet.")
    _write(asked, title, html, png)
    for path in files:
        click.echo(f"{path}: {path.stat().st_size:,} bytes", err=True)


def _write(asked: Asked, title: str, html: Path | None, png: Path | None) -> None:
    from firsttoken.page.document.html import html as as_html
    from firsttoken.page.document.picture import png as as_png

    for path in (html, png):
        if path is not None:
            check_free(path)
    content = _content(asked, title)
    for path, made in ((html, as_html), (png, as_png)):
        if path is not None:
            document = made(content)
            with new_file(path) as file:
                file.write(document if isinstance(document, bytes) else document.encode())


def _content(asked: Asked, title: str) -> Content:
    from firsttoken.analyse.watching import watched
    from firsttoken.cli.progress import counted
    from firsttoken.cli.source import open_source
    from firsttoken.page.document.content import content
    from firsttoken.page.document.gathering import gather

    with open_source(asked.store, asked.page_port) as source, counted("answers gathered") as advance, watched(advance):
        gathered = gather(source, asked.scope["selection"], asked.scope["group_by"])
        return content(gathered, title, time.time_ns())
