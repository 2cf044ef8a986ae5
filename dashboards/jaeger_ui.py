"""Prints the configuration of Jaeger's page for your services: saved searches in its menu, links from tags to where
more is known of them, and the tags that matter on top."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from boards import links
from boards.searches import SAVED

from firsttoken.semconv import names, own

Member = Mapping[str, Any]

ON_TOP: Final = (
    "error",
    names.ERROR_TYPE,
    "otel.status_description",
    own.ERROR_CATEGORY,
    own.OUTCOME,
    own.TIME_TO_FIRST_TOKEN,
    own.OUTPUT_TOKENS_PER_SECOND,
    "firsttoken.stall.",
    own.COST_TOTAL,
    names.GEN_AI_REQUEST_MODEL,
    names.GEN_AI_RESPONSE_FINISH_REASONS,
    "gen_ai.usage.",
)
"""Beginnings of the names of tags, of which a call has forty."""
OF_CALLERS: Final = (names.USER_ID, names.SESSION_ID, names.GEN_AI_CONVERSATION_ID)
"""Tags that lead to all calls with the same value."""
TO_BOARDS: Final = (
    (names.GEN_AI_REQUEST_MODEL, links.LATENCY, "Latency of this model"),
    (own.COST_TOTAL, links.COST, "What this model costs"),
    (names.ERROR_TYPE, links.ERRORS, "Errors of this model"),
    (own.CHUNK_LARGEST_GAP, links.STREAMING, "Stalls of this model"),
)
"""Tags that lead to a board."""


@dataclass(frozen=True, slots=True)
class Places:
    """What the page leads to."""

    services: Sequence[str] = ("my-service",)
    grafana: str = "http://127.0.0.1:3000"
    firsttoken: str = "http://127.0.0.1:4319"


def text_of(places: Places) -> str:
    return json.dumps(configuration(places), indent=2, ensure_ascii=False) + "\n"


def configuration(places: Places) -> Member:
    return {
        "search": {"maxLookback": {"label": "2 Weeks", "value": "2w"}, "maxLimit": 1500},
        "tracking": {"gaID": None, "trackErrors": False},
        "monitor": {"menuEnabled": True},
        "topTagPrefixes": ON_TOP,
        "linkPatterns": [*_of_traces(places), *_of_tags(places)],
        "menu": [*map(_searches, places.services), _elsewhere(places)],
    }


def _of_traces(places: Places) -> list[Member]:
    """The two arrows behind the name of a trace."""
    trace, logs = f"{places.firsttoken}/traces/#{{traceID}}", f"{places.grafana}/d/{links.CALLS}?var-trace=#{{traceID}}"
    return [
        {
            "type": "traces",
            "url": trace,
            "text": "This trace on the page of firsttoken: tokens, cost, what it waited for",
        },
        {"type": "traces", "url": logs, "text": "What was logged in this trace, in Grafana"},
    ]


def _of_tags(places: Places) -> list[Member]:
    callers = [
        {"key": name, "url": f"{places.firsttoken}/?where.{name}=#{{{name}}}", "text": "All calls with this value"}
        for name in OF_CALLERS
    ]
    chosen = f"var-provider=#{{{names.GEN_AI_PROVIDER_NAME}}}&var-model=#{{{names.GEN_AI_REQUEST_MODEL}}}"
    boards = [
        {"key": name, "url": f"{places.grafana}/d/{board}?{chosen}", "text": text} for name, board, text in TO_BOARDS
    ]
    return [{"type": "tags", **each} for each in (*callers, *boards)]


def _searches(service: str) -> Member:
    """One group of the menu."""
    items = [{"label": each.title, "url": each.address(service), "anchorTarget": "_self"} for each in SAVED]
    return {"label": service, "items": items}


def _elsewhere(places: Places) -> Member:
    overview = f"{places.grafana}/d/{links.OVERVIEW}"
    return {
        "label": "LLM calls",
        "items": [{"label": "firsttoken", "url": places.firsttoken}, {"label": "Grafana", "url": overview}],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    usual = Places()
    parser.add_argument("--service", action="append", help="a service that makes calls; again for another")
    parser.add_argument("--grafana", default=usual.grafana, help="the URL of Grafana (default: %(default)s)")
    parser.add_argument("--firsttoken", default=usual.firsttoken, help="the URL of the page (default: %(default)s)")
    asked = parser.parse_args()
    places = Places(asked.service or usual.services, asked.grafana.rstrip("/"), asked.firsttoken.rstrip("/"))
    print(text_of(places), end="")


if __name__ == "__main__":
    main()
