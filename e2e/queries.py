"""What Prometheus answers."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from urllib.request import urlopen


def asked(base_url: str, path: str, **parameters: str):
    with urlopen(f"{base_url}/api/v1/{path}?{urlencode(parameters)}", timeout=30) as response:
        return json.load(response)["data"]


def values(base_url: str, expression: str, **parameters: str) -> list[float]:
    """Now, or at the `time` that is given."""
    return [float(line["value"][1]) for line in asked(base_url, "query", query=expression, **parameters)["result"]]
