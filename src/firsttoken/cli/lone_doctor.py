"""`firsttoken doctor` where the extra `local` is not installed: the same, without what that extra is for."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from firsttoken.cli.child import CommandError
from firsttoken.cli.examination import examine
from firsttoken.cli.findings import Consultation, print_consultation
from firsttoken.cli.plain import plain
from firsttoken.diagnosis import kinds
from firsttoken.errors import FirstTokenError

USAGE = "firsttoken: without the extra `local` this takes nothing but: firsttoken doctor [--json] [-- COMMAND...]"
FAILED = 2


def run_alone(arguments: Sequence[str], missing: Sequence[str]) -> int:
    """The exit code."""
    words = list(arguments)
    as_json = words[:1] == ["--json"]
    words = words[1:] if as_json else words
    if words[:1] == ["--"]:
        words = words[1:]
    elif words and words[0].startswith("-"):
        return _complain(USAGE, FAILED)
    try:
        examined = examine(words)
    except FirstTokenError as error:
        return _complain(f"firsttoken: {error}", error.exit_code if isinstance(error, CommandError) else FAILED)
    without = kinds.LOCAL_MISSING.found(modules=", ".join(missing))
    consultation = Consultation(examined.diagnoses, (*examined.findings, without))
    print_consultation(consultation, as_json=as_json, to_stderr=bool(words))
    return 1 if consultation.problems else 0


def _complain(line: str, code: int) -> int:
    print(plain(line), file=sys.stderr)
    return code
