"""An answer written as it is wanted: a table for people, the whole as JSON, its rows as CSV or Parquet."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from firsttoken.cli.new_file import OutputError, check_free, new_file
from firsttoken.cli.standard_output import text_output
from firsttoken.page.cells import Cells, cells_of, csv_lines

if TYPE_CHECKING:
    from firsttoken.analyse.asking import Answer, AnswerT, OptionsT

R = TypeVar("R")
Format = Literal["table", "json", "csv", "parquet"]


@dataclass(frozen=True, slots=True)
class Output:
    """How an answer is written; `path` for Parquet alone."""

    form: Format = "table"
    path: Path | None = None

    def check(self) -> None:
        """Before any work: raises OutputError for a file that is there already, or cannot be."""
        if self.path is not None:
            check_free(self.path)


def output_options(command: Callable[..., R]) -> Callable[..., R]:
    """The command gets what was said as `output`."""

    @click.option("--json", "as_json", is_flag=True, help="The whole answer as one JSON object on standard output.")
    @click.option("--csv", "as_csv", is_flag=True, help="The rows as CSV on standard output.")
    @click.option(
        "--parquet",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The rows as a Parquet file, which must not be there yet.",
    )
    @functools.wraps(command)
    def with_output(*, as_json: bool, as_csv: bool, parquet: Path | None, **others: Any) -> R:
        if as_json + as_csv + (parquet is not None) > 1:
            raise click.UsageError("--json, --csv and --parquet exclude each other.")
        form: Format = "json" if as_json else "csv" if as_csv else "parquet" if parquet is not None else "table"
        return command(output=Output(form, parquet), **others)

    return with_output


def write_answer(
    output: Output,
    answer: Answer[OptionsT, AnswerT],
    found: AnswerT,
    print_table: Callable[[AnswerT], None],
) -> None:
    """Rows are those of the answer's field `rows`."""
    match output.form:
        case "table":
            print_table(found)
        case "json":
            from pydantic import TypeAdapter

            from firsttoken.analyse.answer_json import json_line

            print(json_line(TypeAdapter(answer.answer), found))
        case "csv":
            write_csv(cells_of(found))
        case "parquet":
            assert output.path is not None  # noqa: S101  a Parquet output has one
            write_parquet(cells_of(found), output.path)


def write_csv(cells: Cells) -> None:
    """To standard output."""
    output = text_output()
    for line in csv_lines(cells):
        output.write(line)


def write_parquet(cells: Cells, path: Path) -> None:
    """Raises OutputError. A file that could not be written whole is not left behind."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with new_file(path) as file:
        try:
            pq.write_table(cells.arrow(), file)  # pyright: ignore[reportUnknownMemberType]
        except pa.ArrowException as error:
            raise OutputError(f"the answer does not fit into Parquet ({error}): use --json instead") from error
