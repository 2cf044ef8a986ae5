"""All commands under one name, and how each of them may end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import Final

import click

from firsttoken.cli.budget import budget
from firsttoken.cli.calls import calls
from firsttoken.cli.child import CommandError
from firsttoken.cli.clickhouse import clickhouse
from firsttoken.cli.collector_config import collector_config
from firsttoken.cli.compare import compare
from firsttoken.cli.content import content
from firsttoken.cli.cost import cost
from firsttoken.cli.dashboards import dashboards
from firsttoken.cli.doctor import doctor
from firsttoken.cli.errors import errors
from firsttoken.cli.export import export
from firsttoken.cli.health import health
from firsttoken.cli.heatmap import heatmap
from firsttoken.cli.import_command import import_command
from firsttoken.cli.latency import latency
from firsttoken.cli.plain import plain
from firsttoken.cli.report import report
from firsttoken.cli.reprice import reprice
from firsttoken.cli.run import run as run_command
from firsttoken.cli.serve import serve
from firsttoken.cli.show import show
from firsttoken.cli.sql import sql
from firsttoken.cli.trace import trace
from firsttoken.cli.trend import trend
from firsttoken.cli.what_if import what_if
from firsttoken.errors import FirstTokenError

FAILED: Final = 2
INTERRUPTED: Final = 130
READER_GONE: Final = 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(version("firsttoken"), message="firsttoken %(version)s")
@click.pass_context
def firsttoken(context: click.Context) -> None:
    """Time to first token, latency, tokens, cost and errors of every openai and anthropic call.

    Start with your own program, unchanged:

        firsttoken run -- python app.py
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (
    run_command,
    serve,
    calls,
    show,
    trace,
    report,
    compare,
    export,
    sql,
    latency,
    trend,
    heatmap,
    cost,
    what_if,
    budget,
    errors,
    reprice,
    content,
    import_command,
    health,
    doctor,
    clickhouse,
    dashboards,
    collector_config,
):
    firsttoken.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """The exit code. Writes one line to standard error for whatever went wrong."""
    _replace_closed_streams()
    try:
        code = firsttoken.main(list(arguments), prog_name="firsttoken", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        return INTERRUPTED
    except FirstTokenError as error:
        return complain(error, error.exit_code if isinstance(error, CommandError) else FAILED)
    except click.ClickException as error:
        return complain(_usage(error))
    except OSError as error:
        return _cannot_write(error)
    return code if isinstance(code, int) else 0


def _usage(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    said = error.format_message()
    if context is None:
        return said
    return f"{said}{'' if said.endswith(('.', '?')) else '.'} See: {context.command_path} --help"


def _cannot_write(error: OSError) -> int:
    """For a stream of ours that fails, or a file: an error of the operating system names only the latter."""
    if error.filename is not None:
        return complain(f"{error.filename}: {error.strerror}")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what waits in the buffer has no reader
    return READER_GONE if isinstance(error, BrokenPipeError) else complain(f"the output failed: {error.strerror}")


def complain(problem: object, code: int = FAILED) -> int:
    """One line on standard error, whatever stands in the message."""
    print(f"firsttoken: {plain(str(problem))}", file=sys.stderr)
    return code


def _replace_closed_streams() -> None:
    """A stream that the caller closed is None, and print would take the other one in its place."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a model's name must not fail on an ASCII terminal


def _nowhere() -> TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")
