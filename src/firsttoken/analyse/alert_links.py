"""Where an alert leads: addresses with the parts that Prometheus fills in when it tells of one.

Only the user knows where his Grafana and his runbook are. He says it in a series (`PLACES`), which the templates of
alerts can ask for; without it an address lacks its first part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PLACES: Final = "firsttoken:places"
"""A series with the addresses in its labels, whatever its value."""
GRAFANA: Final = "grafana"
RUNBOOK: Final = "runbook"
OURS: Final = "docs/alerts.md"
"""The page that is the runbook, in this project."""


def runbook_url(alert: str) -> str:
    return f"{_place(RUNBOOK, OURS)}#{alert.lower()}"


def board_url(uid: str, shown_s: int, choices: Mapping[str, str]) -> str:
    """A board from so long before the alert until whenever somebody looks, with its variables chosen by labels."""
    begins = f'{{{{ query "time() - {shown_s}" | first | value | printf "%.0f" }}}}000'
    chosen = "".join(
        f"{{{{ with $labels.{label} }}}}&var-{variable}={{{{ . | urlquery }}}}{{{{ end }}}}"
        for variable, label in choices.items()
    )
    return f"{_place(GRAFANA)}/d/{uid}?from={begins}&to=now{chosen}"


def _place(name: str, otherwise: str = "") -> str:
    asked = f'{{{{ with query "{PLACES}{{{name}!=\\"\\"}}" }}}}{{{{ . | first | label "{name}" }}}}'
    return f"{asked}{{{{ else }}}}{otherwise}{{{{ end }}}}" if otherwise else f"{asked}{{{{ end }}}}"
