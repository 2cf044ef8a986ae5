"""An example of where things are: a series that nobody but the user can know, in a file that is made to be changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firsttoken.analyse.alert_links import GRAFANA, PLACES, RUNBOOK

EXAMPLE: Final = {GRAFANA: "https://grafana.example.com", RUNBOOK: "https://wiki.example.com/firsttoken/alerts"}


def groups() -> Iterator[Mapping[str, Any]]:
    yield {"name": "firsttoken-places", "rules": [{"record": PLACES, "expr": "vector(1)", "labels": EXAMPLE}]}
