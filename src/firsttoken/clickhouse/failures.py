"""What ClickHouse's errors mean for a user, in one line each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from clickhouse_connect.driver.exceptions import Error, OperationalError

from firsttoken.clickhouse.address import PASSWORD_VARIABLE, Address
from firsttoken.clickhouse.buckets import UNSETTLED

SCHEMA_COMMAND: Final = "firsttoken clickhouse schema"

_CREDENTIALS: Final = f"{{name}} refuses the user or the password: give them in the URL, or set {PASSWORD_VARIABLE}"
_NO_VIEW: Final = (
    f"{{name}} has no calls that firsttoken can read ({{reason}}): make its views with what `{SCHEMA_COMMAND}` prints"
)
_NO_DATABASE: Final = "{name} has no such database: name the one that the Collector writes to"
_NOT_ALLOWED: Final = "{name} does not let the user read ({reason}): grant SELECT on the database"

MEANINGS: Final[Mapping[int, str]] = {
    46: _NO_VIEW,
    47: _NO_VIEW,
    60: _NO_VIEW,
    81: _NO_DATABASE,
    159: "{name} took too long and gave up ({reason}): ask about a shorter time, with --since",
    164: "{name} lets the user change no settings, which questions need ({reason}): give the user readonly = 2",
    192: _CREDENTIALS,
    193: _CREDENTIALS,
    194: _CREDENTIALS,
    241: "{name} has too little memory for the question ({reason}): ask about a shorter time, with --since",
    497: _NOT_ALLOWED,
    516: _CREDENTIALS,
}
"""By the number of the error."""

THROWN: Final = 395
"""The number of an error that a view makes."""
UNREACHABLE: Final = "cannot reach {name} ({reason}): start the server there, or correct host and port"
NOT_CLICKHOUSE: Final = "{name} does not answer as ClickHouse does: name the port of its HTTP interface"
OTHERWISE: Final = "{name} cannot answer: {reason}"

_NOISE: Final = re.compile(
    r"^.*?DB::Exception: |[.,]? (In (scope|query)|Maybe you meant) .*|\s*\(version .*|\s*\([A-Z_]+\)\s*$", re.DOTALL
)
_SYSTEM: Final = re.compile(
    r"\[Errno -?\d+\] ([^'\")]+)|(timed out)|(certificate verify failed[^'\")(]*)|(wrong version number)"
)
"""What the operating system or TLS says of a connection that could not be made."""
_LONGEST: Final = 200


def is_unsettled(error: Error) -> bool:
    """Whether records have come of which it has to be found out whose they are."""
    return _code(error, str(error)) == THROWN and UNSETTLED in str(error)


def explain(address: Address, error: Error) -> str:
    """Why the server does not answer, and what to do. Without the password, wherever the server repeats it."""
    text = _without(address.password, str(error))
    code = _code(error, text)
    if code is None:
        meaning = UNREACHABLE if isinstance(error, OperationalError) else NOT_CLICKHOUSE
    else:
        meaning = MEANINGS.get(code, OTHERWISE)
    return meaning.format(name=address.name, reason=_reason(error, text))


def _code(error: Error, text: str) -> int | None:
    if error.code is not None:
        return error.code
    found = re.search(r"\bCode: (\d+)", text)
    return None if found is None else int(found[1])


def _reason(error: Error, text: str) -> str:
    if isinstance(error, OperationalError) and (said := _SYSTEM.search(text)) is not None:
        return str(said[said.lastindex or 0])
    line = _NOISE.sub("", text).strip().partition("\n")[0]
    return line.rstrip(". ")[:_LONGEST]


def _without(password: str, text: str) -> str:
    return text.replace(password, "***") if password else text
