"""`firsttoken content`: a text that was cut, whole, from the content store."""

from __future__ import annotations

import sys

import click


@click.command(short_help="Show a text that was cut, whole.")
@click.argument("sha256", metavar="DIGEST")
@click.option(
    "--content-store",
    "place",
    envvar="FIRSTTOKEN_CONTENT_STORE",
    show_envvar=True,
    required=True,
    metavar="PLACE",
    help="The directory or fsspec URL to which the program wrote.",
)
def content(sha256: str, place: str) -> None:
    """Show a text that was cut, whole, by the digest that stands beside it.

    It is written as it is: nothing in it is made safe for a terminal.
    """
    from firsttoken.privacy.store import read_back

    sys.stdout.buffer.write(read_back(place, sha256.strip().lower()).encode())
